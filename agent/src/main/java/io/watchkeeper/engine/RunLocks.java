package io.watchkeeper.engine;

import io.watchkeeper.files.LockFile;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The locks one run holds. Closing releases them all; so does the end of the process. */
final class RunLocks implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RunLocks.class);

    /** File systems allow 255 bytes. */
    private static final int LONGEST_FILE_NAME = 200;

    private final Deque<LockFile> held = new ArrayDeque<>();

    /**
     * Waits for the locks of the run's policy. All runs take theirs in the order of the alphabet, so that no two wait for each
     * other.
     */
    void takeNamed(ActiveRun run, StateFolder folder, LockQueue queue) {
        for (String name : new TreeSet<>(run.runbook().policy().locks())) {
            run.doing("waiting for lock '" + name + "'");
            add(queue.await(folder.locks().resolve(fileName(name)), run, holder -> {
                run.doing("waiting for lock '" + name + "' that " + holder + " holds");
                run.log(LogLine.Level.INFO, "waits for lock '" + name + "', which " + holder + " holds");
            }));
        }
    }

    void add(LockFile lock) {
        held.push(lock);
    }

    /** Any name as the name of one file, different for different names. */
    static String fileName(String name) {
        String safe = URLEncoder.encode(name, StandardCharsets.UTF_8);
        if (safe.length() > LONGEST_FILE_NAME) {
            safe = safe.substring(0, LONGEST_FILE_NAME - 64) + sha256(name);
        }
        return safe + ".lock";
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Override
    public void close() {
        while (!held.isEmpty()) {
            try {
                held.pop().close();
            } catch (RuntimeException e) {
                LOG.error("a lock file could not be tidied up; the lock itself is released", e);
            }
        }
    }
}
