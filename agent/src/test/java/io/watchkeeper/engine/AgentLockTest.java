package io.watchkeeper.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.OtherProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("try") // locks are held, not used
class AgentLockTest {

    @TempDir
    Path state;

    /** Holds the agent's lock of the state directory given. */
    static final class OtherAgent {
        public static void main(String[] arguments) throws Exception {
            try (AgentLock lock = AgentLock.acquire(Path.of(arguments[0]))) {
                OtherProcess.readyUntilEndOfInput();
            }
        }
    }

    @Test
    void refusesASecondAgentAndNamesTheFirst() {
        try (AgentLock first = AgentLock.acquire(state)) {
            String pid = Long.toString(ProcessHandle.current().pid());
            assertThat(AgentLock.holder(state)).contains(pid);
            assertThatThrownBy(() -> AgentLock.acquire(state))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining(state.toString())
                    .hasMessageContaining("process " + pid);
        }
    }

    @Test
    void isFreeAgainAfterTheAgentStopped() {
        AgentLock.acquire(state).close();
        assertThat(AgentLock.holder(state)).isEmpty();
        AgentLock.acquire(state).close();
    }

    @Test
    void refusesASecondAgentOfAnotherProcessUntilThatIsKilled() {
        try (OtherProcess other = OtherProcess.start(OtherAgent.class, state.toString())) {
            assertThatThrownBy(() -> AgentLock.acquire(state))
                    .isInstanceOfSatisfying(
                            OperatorException.class, e -> assertThat(e.hint()).contains("stop it first"));
            other.kill();
            AgentLock.acquire(state).close();
        }
    }

    @Test
    void seesThroughAnotherSpellingOfTheFolder() throws Exception {
        Path link = state.resolveSibling(state.getFileName() + "-link");
        Files.createSymbolicLink(link, state);
        try (AgentLock first = AgentLock.acquire(state)) {
            assertThatThrownBy(() -> AgentLock.acquire(link)).isInstanceOf(OperatorException.class);
        } finally {
            Files.delete(link);
        }
    }

    @Test
    void saysWhatIsWrongWithAStateDirectoryThatCannotBeWritten() throws Exception {
        Path file = Files.createFile(state.resolve("file"));
        assertThatThrownBy(() -> AgentLock.acquire(file.resolve("state")))
                .isInstanceOfSatisfying(OperatorException.class, e -> {
                    assertThat(e).hasMessageContaining("cannot write " + file);
                    assertThat(e.hint()).contains("state directory must be writable");
                });
    }

    @Test
    void whatRootMakesBelongsToTheOwnerOfTheStateDirectory() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "only root can give files away");
        UserPrincipal owner =
                state.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
        Files.setOwner(state, owner);
        try (AgentLock lock = AgentLock.acquire(state)) {
            assertThat(Files.getOwner(state.resolve("agent.lock"))).isEqualTo(owner);
            assertThat(Files.getOwner(state.resolve("locks/runbooks"))).isEqualTo(owner);
        }
    }
}
