package io.watchkeeper.toolkit.pgbackrest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.watchkeeper.problem.OperatorException;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A repository that has never heard of the stanza, on a server of its own. */
class StanzaBeginningTest {

    @Test
    void walArchiveMakesTheStanzaAndSetsTheCommandOnlyWhenAsked() throws Exception {
        try (StanzaServer stanza = StanzaServer.start()) {
            saysThatItWasNeverCreated(stanza);
            stanza.execute("alter system set archive_command = 'false'");
            stanza.execute("select pg_reload_conf()");
            StanzaArchive archive = new StanzaArchive(stanza.program(), stanza.database());
            StanzaArchive.Server wrong = Awaitility.await()
                    .until(archive::server, s -> s.archiveCommand().equals("false"));
            Optional<OperatorException> problem = StanzaArchive.wrongSettings(stanza.stanza(), "shore", wrong);

            assertThat(problem).hasValueSatisfying(e -> assertThat(e.hint()).contains("method command"));
            assertThat(archive.setArchiveCommand()).hasValue("false");
            assertThat(stanza.program().info().isMissing()).isFalse();
            Awaitility.await().until(archive::server, s -> s.archiveCommand().contains("archive-push"));
            archive.check();
            StanzaArchive.State state = archive.state();
            assertThat(state.newest()).isNotNull();
            assertThat(state.gaps()).isEmpty();
            assertThat(state.server().failing()).isFalse();
            assertThat(StanzaArchive.wrongSettings(stanza.stanza(), "shore", state.server()))
                    .isEmpty();
            assertThat(archive.setArchiveCommand()).isEmpty();
        }
    }

    private static void saysThatItWasNeverCreated(StanzaServer stanza) {
        OperatorException e =
                catchThrowableOfType(OperatorException.class, () -> stanza.backup(StanzaBackup.Type.FULL));

        assertThat(e).hasMessage("stanza 'main' does not exist in its repository");
        assertThat(e.hint())
                .contains("stanza-create")
                .contains("--config=" + stanza.config())
                .startsWith("sudo -u ");
    }
}
