package io.watchkeeper.engine;

import io.watchkeeper.files.LockFile;
import io.watchkeeper.problem.OperatorException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Keeps a second agent off a state directory. Held as long as the agent lives; {@code watchkeeper run} does not take it. */
public final class AgentLock implements AutoCloseable {

    private final LockFile lock;

    private AgentLock(LockFile lock) {
        this.lock = lock;
    }

    /** @throws OperatorException when another agent has this state directory, or it cannot be written */
    public static AgentLock acquire(Path state) {
        Path file = file(StateFolder.open(state).root());
        String pid = Long.toString(ProcessHandle.current().pid());
        // Someone who only looks whether an agent is there holds the file for a moment.
        for (int attempt = 0; attempt < 20; attempt++) {
            Optional<LockFile> lock = LockFile.tryAcquire(file, pid);
            if (lock.isPresent()) {
                return new AgentLock(lock.get());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        String other = LockFile.holder(file).filter(text -> !text.isBlank()).orElse("unknown");
        throw new OperatorException(
                "another agent is running on the state directory " + state + " (process " + other + ")",
                "stop it first (systemctl stop watchkeeper, or kill " + other
                        + "), or give this agent a state directory of its own ('state' in the configuration).");
    }

    /** The process id of the agent that has this state directory; empty when none has. */
    public static Optional<String> holder(Path state) {
        return LockFile.holder(file(state));
    }

    private static Path file(Path state) {
        return state.resolve("agent.lock");
    }

    @Override
    public void close() {
        lock.close();
    }
}
