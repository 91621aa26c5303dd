package io.watchkeeper.testing;

import io.watchkeeper.postgres.LocalServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folders for the servers of tests, in memory where there is enough of it: making and removing a database is three hundred files each
 * time. A folder carries the number of the process it belongs to, so that the next one removes what a killed one has left.
 */
final class TestFolders {

    private static final Logger LOG = LoggerFactory.getLogger(TestFolders.class);
    private static final Path MEMORY = Path.of("/dev/shm");
    private static final long ENOUGH = 6L << 30;
    private static final Pattern NAME = Pattern.compile("watchkeeper-test-(\\d+)-.*");

    /** Where servers are made: asked once, so that all of a process are in one place. */
    private static final Path BASE = base();

    private TestFolders() {}

    /** A new folder, empty. */
    static Path create() {
        try {
            return Files.createTempDirectory(
                    BASE, "watchkeeper-test-" + ProcessHandle.current().pid() + "-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path base() {
        try {
            boolean memory = Files.isWritable(MEMORY)
                    && Files.getFileStore(MEMORY).type().equals("tmpfs")
                    && Files.getFileStore(MEMORY).getUsableSpace() >= ENOUGH;
            Path base = memory ? MEMORY : Path.of(System.getProperty("java.io.tmpdir"));
            sweep(base);
            return base;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void sweep(Path base) throws IOException {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(base, "watchkeeper-test-*")) {
            for (Path folder : all) {
                Matcher m = NAME.matcher(folder.getFileName().toString());
                if (m.matches() && ProcessHandle.of(Long.parseLong(m.group(1))).isEmpty()) {
                    remove(folder);
                }
            }
        }
    }

    private static void remove(Path folder) {
        try {
            LocalServer.attach(TestServers.binaries(), folder).delete();
        } catch (RuntimeException e) {
            LOG.info("{} of a killed test cannot be removed: {}", folder, e.getMessage());
        }
    }
}
