package io.watchkeeper.toolkit.pgbackrest;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.Work;
import io.watchkeeper.testing.StoppableWork;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Backups by the agent, after which pgBackRest expires by its own rules. */
class StanzaBaseBackupTest {

    @Test
    void sparesWhatIsHeldWhileItIsMade() throws Exception {
        try (StanzaServer stanza = StanzaServer.start()) {
            Files.writeString(
                    stanza.config(),
                    Files.readString(stanza.config()).replace("repo1-retention-full=99", "repo1-retention-full=1"));
            stanza.program().create();
            String first = make(stanza, Work.unattended("backup"));
            StoppableWork work = new StoppableWork("backup");
            work.onProgress(progress -> stanza.catalogue().status(first, status -> status.withHeld("the audit")));

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

    private static String make(StanzaServer stanza, Work work) {
        return new StanzaBaseBackup(stanza.program(work), stanza.settings(), "shore")
                .run(new StanzaBackupMaker.Options(StanzaBackup.Type.FULL, true, "gz", 1, false), Duration.ofDays(1))
                .id();
    }

    private static List<String> labels(StanzaServer stanza) {
        return stanza.program().info().backups().stream()
                .map(StanzaBackup::label)
                .toList();
    }
}
