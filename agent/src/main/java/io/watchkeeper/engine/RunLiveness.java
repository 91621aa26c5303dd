package io.watchkeeper.engine;

import io.watchkeeper.files.LockFile;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Tells runs that are going on from runs whose process died: while a run is active, its process holds a lock on {@code
 * <state>/runs/<runId>.lock}, which the operating system releases when the process is gone.
 */
public final class RunLiveness {

    private static final String SUFFIX = ".lock";

    private RunLiveness() {}

    /**
     * Whether some process of this host is executing the run, queued or started. False for ids that were never given.
     *
     * @param state the agent's state directory
     * @throws OperatorException when the state directory cannot be read
     */
    public static boolean isAlive(Path state, String runId) {
        return RunId.isValid(runId)
                && LockFile.holder(file(new StateFolder(state), runId)).isPresent();
    }

    /** Says that this process executes the run, until the lock is closed. */
    static LockFile begin(StateFolder folder, String runId) {
        Path file = file(folder, runId);
        // Only someone who looks at the file at this very moment can be in the way, and not for long.
        for (int attempt = 0; attempt < 100; attempt++) {
            Optional<LockFile> lock = LockFile.tryAcquireTemporary(
                    file, Long.toString(ProcessHandle.current().pid()));
            if (lock.isPresent()) {
                return lock.get();
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        throw new OperatorException(file + " is locked by another process", "wait a moment and try again.");
    }

    /** Removes what processes that died left behind. */
    static void sweep(StateFolder folder) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder.runs(), "*" + SUFFIX)) {
            for (Path file : files) {
                LockFile.sweep(file);
            }
        } catch (IOException e) {
            throw StateFolder.unwritable(folder.runs(), e);
        }
    }

    private static Path file(StateFolder folder, String runId) {
        return folder.runs().resolve(runId + SUFFIX);
    }
}
