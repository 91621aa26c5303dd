package io.watchkeeper.logging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Tells whether standard error goes straight to systemd's journal. */
final class JournalStream {

    private JournalStream() {}

    static boolean isStandardError() {
        return matches(System.getenv(), Path.of("/proc/self/fd/2"));
    }

    /**
     * {@code JOURNAL_STREAM} alone proves nothing: a shell below a systemd unit inherits it. It names the device and inode
     * of the journal's socket, and those of the stream must be the same.
     */
    static boolean matches(Map<String, String> environment, Path stream) {
        String journal = environment.get("JOURNAL_STREAM");
        if (journal == null) {
            return false;
        }
        try {
            Map<String, Object> found = Files.readAttributes(stream, "unix:dev,ino");
            return journal.equals(found.get("dev") + ":" + found.get("ino"));
        } catch (IOException | UnsupportedOperationException e) {
            return false; // no /proc or no inodes here: then it is no journal either
        }
    }
}
