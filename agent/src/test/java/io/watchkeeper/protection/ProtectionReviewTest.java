package io.watchkeeper.protection;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProtectionReviewTest {

    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    private final MadeUpProtection protection = new MadeUpProtection(NOW);

    @Test
    void findsNothingWhereAllIsWell() {
        protection
                .backup("shore", "base", Duration.ofHours(3))
                .archive("shore", Duration.ofSeconds(1))
                .drill("shore", Duration.ofDays(2), true, 1, 60);
        assertThat(concerns()).isEmpty();
    }

    @Test
    void saysNothingOfAHostWithoutARepository() {
        assertThat(ProtectionReview.concerns(Protection.NONE, NOW)).isEmpty();
    }

    @Test
    void missesTheFirstBackup() {
        assertThat(concerns()).containsExactly("  the repository /var/backups/watchkeeper has no backup yet");
    }

    @Test
    void takesADamagedBackupForNone() {
        protection.backup("shore", "dump", Duration.ofHours(3), "data/x has changed");
        assertThat(concerns())
                .containsExactly(
                        "! there is no good backup of shore", "! backups of shore are damaged: id-shore-0-dump");
    }

    @Test
    void warnsOfOldBackupsBeforeTheyAreUrgent() {
        protection.backup("shore", "dump", Duration.ofHours(40)).backup("ship", "dump", Duration.ofDays(9));
        assertThat(concerns())
                .containsExactly(
                        "! the newest good backup of ship is 9 d old",
                        "  the newest good backup of shore is 1 d 16 h old");
    }

    @Test
    void wantsBaseBackupsDrilledEveryWeek() {
        protection.backup("shore", "base", Duration.ofHours(3)).backup("ship", "base", Duration.ofDays(20));
        protection.backup("ship", "base", Duration.ofHours(1)).backup("third", "base", Duration.ofHours(1));
        protection.drill("third", Duration.ofDays(9), true, 1, 60);
        assertThat(concerns())
                .containsExactly(
                        "! no backup of ship was ever proven to restore",
                        "! the last good restore drill of third was 9 d ago (limit 8 d)",
                        "  no backup of shore was ever proven to restore");
    }

    /** On the day of the weekly drill the last one is a week old, and the next one begins with jitter and takes its time. */
    @Test
    void leavesAWeeklyDrillADayToEnd() {
        protection
                .backup("shore", "base", Duration.ofHours(3))
                .drill("shore", Duration.ofDays(7).plusHours(5), true, 1, 60);
        assertThat(concerns()).isEmpty();
    }

    @Test
    void tellsOfAFailedDrillAlsoAfterAGoodOne() {
        protection
                .backup("shore", "base", Duration.ofHours(3))
                .drill("shore", Duration.ofDays(1), true, 1, 60)
                .drill("shore", Duration.ofHours(1), false, 1, 60);
        assertThat(concerns())
                .containsExactly("! the newest restore drill of shore failed: check 'tickets' was not true");
    }

    @Test
    void tellsOfABrokenArchive() {
        protection
                .backup("shore", "dump", Duration.ofHours(3))
                .archive("shore", Duration.ofSeconds(1), "000000010000000000000007 is missing");
        assertThat(concerns())
                .containsExactly("! the WAL archive of shore has a problem: 000000010000000000000007 is missing");
    }

    @Test
    void tellsOfAnArchiveThatNobodyGoesOnWith() {
        protection
                .backup("shore", "dump", Duration.ofHours(3))
                .archive("shore", Duration.ofDays(9))
                .backup("ship", "dump", Duration.ofHours(3))
                .archive("ship", Duration.ofMinutes(20));
        assertThat(concerns())
                .containsExactly(
                        "! the WAL archive of shore ends 9 d ago: nothing later can be recovered",
                        "  the WAL archive of ship ends 20 min ago: nothing later can be recovered");
    }

    /** An idle server switches no segment, whatever archive_timeout says. */
    @Test
    void isNotAlarmedByAnArchiveWhoseServerWasNotAsked() {
        protection
                .backup("shore", "dump", Duration.ofHours(3))
                .filesOf("shore", Duration.ofDays(9))
                .backup("ship", "dump", Duration.ofHours(3))
                .filesOf("ship", Duration.ofMinutes(20));
        assertThat(concerns())
                .containsExactly(
                        "  the WAL archive of shore last got something 9 d ago; whether its server has written since"
                                + " is not known here");
    }

    @Test
    void seesThroughDumpsThatBaseBackupsHaveEnded() {
        protection
                .backup("shore", "base", Duration.ofDays(20))
                .backup("shore", "dump", Duration.ofHours(3))
                .drill("shore", Duration.ofDays(2), true, 1, 60);
        assertThat(concerns())
                .containsExactly("! the newest good base backup of shore is 20 d old; only dumps are younger");
    }

    private List<String> concerns() {
        return ProtectionReview.concerns(protection.build(), NOW).stream()
                .map(concern -> (concern.urgent() ? "! " : "  ") + concern.message())
                .toList();
    }
}
