package io.watchkeeper.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.protection.MadeUpProtection;
import io.watchkeeper.protection.Protection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupsCheckTest {

    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    @TempDir
    private Path folder;

    private final MadeUpProtection protection = new MadeUpProtection(NOW);

    @Test
    void isGreenWhereAllIsWell() throws IOException {
        protection
                .backup("shore", "base", Duration.ofHours(3))
                .archive("shore", Duration.ofSeconds(2))
                .drill("shore", Duration.ofDays(2), true, 1, 90);
        assertThat(examine()).allMatch(finding -> finding.level() == Finding.Level.GREEN);
        assertThat(examine())
                .extracting(Finding::text)
                .contains(
                        "newest of shore: base, 3 h old, 3 MB, verified",
                        "shore is recoverable to 2.0 s ago, without a gap",
                        "last good restore drill of shore 2 d ago (limit 8 d), RPO 1.0 s, RTO 1 min 30 s");
    }

    @Test
    void isRedWhenTheLastGoodDrillIsTooOld() throws IOException {
        protection.backup("shore", "base", Duration.ofHours(3)).drill("shore", Duration.ofDays(9), true, 1, 90);
        assertThat(examine())
                .filteredOn(finding -> finding.level() == Finding.Level.RED)
                .extracting(Finding::subject, Finding::text)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(
                        "drills", "the last good restore drill of shore was 9 d ago (limit 8 d)"));
    }

    @Test
    void saysWhenTheDiskWillBeFull() throws IOException {
        protection.backup("shore", "dump", Duration.ofHours(30)).backup("shore", "dump", Duration.ofHours(3));
        assertThat(examine())
                .extracting(Finding::text)
                .anySatisfy(text -> assertThat(text)
                        .contains("free in " + folder, " at the rate of the last 1 d 6 h if nothing expires"));
    }

    @Test
    void findsASecretKeyInTheRepository() throws IOException {
        Files.writeString(folder.resolve("key.txt"), "# made today\nAGE-SECRET-KEY-1QQQ\n");
        assertThat(examine())
                .filteredOn(finding -> finding.level() == Finding.Level.RED)
                .extracting(Finding::text)
                .containsExactly("a secret key lies in the repository that it opens: " + folder.resolve("key.txt"));
    }

    @Test
    void onlyMentionsAHostWithoutARepository() throws IOException {
        BackupsCheck check = new BackupsCheck(
                new AgentConfig.Backups(null, null), () -> Protection.NONE, Clock.fixed(NOW, ZoneOffset.UTC));
        assertThat(check.examine())
                .extracting(Finding::level, Finding::text)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(Finding.Level.AMBER, "this host keeps no backups"));
    }

    private List<Finding> examine() throws IOException {
        return new BackupsCheck(
                        new AgentConfig.Backups(folder, null), protection::build, Clock.fixed(NOW, ZoneOffset.UTC))
                .examine();
    }
}
