package io.watchkeeper.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Asks the heavy work of this host to give way for a while. The operating system lets go of it when the process that holds it dies,
 * however it dies. Nobody is stopped by it: who feels it goes on slowly.
 */
public final class Brake implements AutoCloseable {

    private static final String FOLDER = "remedies";

    private final LockFile lock;

    private Brake(LockFile lock) {
        this.lock = lock;
    }

    /**
     * Pulls it. @param state the agent's folder @param run that pulls it, and does not feel it itself @return empty while somebody
     * else holds it
     */
    public static Optional<Brake> hold(Path state, String run) {
        try {
            FolderOwner.create(state.resolve(FOLDER));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return LockFile.tryAcquireTemporary(file(state), run).map(Brake::new);
    }

    /** The run that holds it; empty when nobody does. */
    public static Optional<String> holder(Path state) {
        Path file = file(state);
        return Files.exists(file) ? LockFile.holder(file) : Optional.empty();
    }

    private static Path file(Path state) {
        return state.resolve(FOLDER).resolve("brake.lock");
    }

    @Override
    public void close() {
        lock.close();
    }
}
