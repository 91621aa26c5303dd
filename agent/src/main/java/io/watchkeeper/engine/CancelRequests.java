package io.watchkeeper.engine;

import io.watchkeeper.files.FolderOwner;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.function.BiPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a process asks another to cancel a run: a file named by the run's id that holds the reason. The process that executes the
 * run looks for it several times a second. A request whose run is gone is removed by whoever sees it.
 */
final class CancelRequests {

    private static final Logger LOG = LoggerFactory.getLogger(CancelRequests.class);
    private static final String UNFINISHED = ".tmp";

    private final StateFolder folder;

    CancelRequests(StateFolder folder) {
        this.folder = folder;
    }

    /** @throws OperatorException when the request cannot be written */
    void ask(String runId, String reason) {
        Path file = file(runId);
        Path unfinished = folder.cancelRequests()
                .resolve(runId + "." + ProcessHandle.current().pid() + UNFINISHED);
        try {
            Files.writeString(unfinished, reason);
            FolderOwner.give(unfinished);
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw StateFolder.unwritable(file, e);
        }
    }

    /**
     * Looks once for requests.
     *
     * @param ours takes a run id and a reason; true when the run is this process's, and was told
     */
    void look(BiPredicate<String, String> ours) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder.cancelRequests())) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (ours.test(name, reason(file)) || isStale(name)) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (NoSuchFileException e) {
            // Another process took care of it in this moment.
            LOG.debug("a cancel request is gone", e);
        } catch (IOException | RuntimeException e) {
            LOG.warn("cannot look for cancel requests in {}", folder.cancelRequests(), e);
        }
    }

    /** Forgets a request for a run that has ended. */
    void forget(String runId) {
        try {
            Files.deleteIfExists(file(runId));
        } catch (IOException e) {
            LOG.warn("cannot remove the cancel request of run {}", runId, e);
        }
    }

    private boolean isStale(String name) {
        String runId = name.endsWith(UNFINISHED) ? name.substring(0, Math.max(0, name.indexOf('.'))) : name;
        return !RunLiveness.isAlive(folder.root(), runId);
    }

    private static String reason(Path file) throws IOException {
        String text = Files.readString(file).strip();
        return text.isEmpty() ? "from another process" : text;
    }

    private Path file(String runId) {
        return folder.cancelRequests().resolve(runId);
    }
}
