package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.files.LockFile;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes the sandboxes, and ends the servers, of drills whose process died. Never looks at anything else. */
public final class SandboxSweep {

    private static final Logger LOG = LoggerFactory.getLogger(SandboxSweep.class);
    private static final Pattern SOCKET_FOLDER = Pattern.compile("/tmp/watchkeeper-[A-Za-z0-9-]+");

    private SandboxSweep() {}

    /** @param state the agent's state directory */
    public static void sweep(Path state) {
        Path all = state.toAbsolutePath().normalize().resolve(Sandbox.FOLDER);
        if (!Files.isDirectory(all)) {
            return;
        }
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(all, Files::isDirectory)) {
            for (Path folder : folders) {
                sweepOne(folder);
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("sandboxes in {} cannot be looked through: {}", all, e.toString());
        }
    }

    private static void sweepOne(Path folder) {
        Path lockFile = folder.resolveSibling(folder.getFileName() + Sandbox.LOCK);
        try {
            // Held by whoever sweeps, so that two agents do not trip over each other.
            LockFile lock = LockFile.tryAcquire(lockFile, "sweep").orElse(null);
            if (lock == null) {
                return;
            }
            try {
                Sandbox.remove(folder, socketFolder(folder));
                LOG.info("removed sandbox {}, whose drill was interrupted", folder.getFileName());
            } finally {
                lock.close();
            }
            Files.deleteIfExists(lockFile);
        } catch (IOException | RuntimeException e) {
            LOG.warn("sandbox {} cannot be removed: {}", folder, e.toString());
        }
    }

    private static Path socketFolder(Path folder) throws IOException {
        Path record = folder.resolve(Sandbox.SOCKET_RECORD);
        if (Files.exists(record)) {
            String recorded = Files.readString(record).strip();
            if (SOCKET_FOLDER.matcher(recorded).matches()) {
                return Path.of(recorded);
            }
        }
        return folder.resolve("run");
    }
}
