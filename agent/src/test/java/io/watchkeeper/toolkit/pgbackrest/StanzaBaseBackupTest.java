package io.watchkeeper.toolkit.pgbackrest;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.testing.StoppableWork;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Backups by the agent, after which pgBackRest expires by its own rules. */
class StanzaBaseBackupTest {

    private static final StanzaBackupMaker.Options OPTIONS =
            new StanzaBackupMaker.Options(StanzaBackup.Type.FULL, true, "gz", 1, false);

    @Test
    void sparesWhatIsHeldWhileItIsMade() throws Exception {
        try (StanzaServer stanza = StanzaServer.start()) {
            Files.writeString(
                    stanza.config(),
                    Files.readString(stanza.config()).replace("repo1-retention-full=99", "repo1-retention-full=1"));
            stanza.program().create();
            String first = make(stanza, Work.unattended("backup"));
            StoppableWork work = new StoppableWork("backup");
            // Once: what the program has said may still be read when it has ended.
            AtomicBoolean held = new AtomicBoolean();
            work.onProgress(progress -> {
                if (held.compareAndSet(false, true)) {
                    stanza.catalogue().status(first, status -> status.withHeld("the audit"));
                }
            });

            String second = make(stanza, work);
            assertThat(labels(stanza)).containsExactly(first, second);

            stanza.catalogue().status(first, status -> status.withHeld(null));
            String third = make(stanza, Work.unattended("backup"));
            assertThat(labels(stanza)).containsExactly(third);
            assertThat(stanza.catalogue().backups()).hasSize(1);

            Files.writeString(
                    stanza.config(), "\n[main:backup]\nexpire-auto=n\n", java.nio.file.StandardOpenOption.APPEND);
            String fourth = make(stanza, Work.unattended("backup"));
            assertThat(labels(stanza)).containsExactly(third, fourth);
        }
    }

    /** The command expire does not read them: with no retention elsewhere, nothing would ever be expired. */
    @Test
    void leavesExpiringToTheBackupWhereOnlyThatKnowsTheRetention() throws Exception {
        try (StanzaServer stanza = StanzaServer.start()) {
            Files.writeString(
                    stanza.config(),
                    Files.readString(stanza.config()).replace("repo1-retention-full=99", "")
                            + "\n[main:backup]\nrepo1-retention-full=1\n");
            stanza.program().create();
            make(stanza, Work.unattended("backup"));
            String second = make(stanza, Work.unattended("backup"));

            assertThat(labels(stanza)).containsExactly(second);
        }
    }

    @Test
    void saysWhatItRunsAndWhatExpiringWarnsOf() throws Exception {
        try (StanzaServer stanza = StanzaServer.start()) {
            stanza.program().create();
            assertThat(backup(stanza, Work.unattended("backup")).describe(OPTIONS, Duration.ofDays(1)))
                    .extracting(PlannedAction::sql)
                    .satisfiesExactly(
                            first -> assertThat(first).contains("--no-expire-auto", " backup"),
                            second -> assertThat(second).endsWith(" expire"));
            Files.writeString(
                    stanza.config(), Files.readString(stanza.config()).replace("repo1-retention-full=99", ""));

            assertThat(backup(stanza, Work.unattended("backup"))
                            .run(OPTIONS, Duration.ofDays(1))
                            .notes())
                    .anyMatch(note -> note.contains("retention-full"));
        }
    }

    private static String make(StanzaServer stanza, Work work) {
        return backup(stanza, work).run(OPTIONS, Duration.ofDays(1)).id();
    }

    private static StanzaBaseBackup backup(StanzaServer stanza, Work work) {
        return new StanzaBaseBackup(stanza.program(work), stanza.settings(), "shore");
    }

    private static List<String> labels(StanzaServer stanza) {
        return stanza.program().info().backups().stream()
                .map(StanzaBackup::label)
                .toList();
    }
}
