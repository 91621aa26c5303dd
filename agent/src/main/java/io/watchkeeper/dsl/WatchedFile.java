package io.watchkeeper.dsl;

import io.watchkeeper.runbook.Runbook;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One file of the folder: how it was when it was last loaded, and whether it is changing at the moment. */
final class WatchedFile {

    /** A file that is written to all the time is loaded all the same after this. */
    private static final long LONGEST_WAIT_NANOS = 1_000_000_000L;

    private @Nullable FileStamp loadedStamp;
    private @Nullable LoadedFile loaded;
    private List<Runbook> lastGood = List.of();

    private boolean changing;

    /** What was seen of the file when it was last found changing; empty when it was gone. */
    private Optional<FileStamp> lastSeen = Optional.empty();

    private long changingSince;

    /** True when what was seen differs from what was loaded. */
    boolean differs(Optional<FileStamp> seen) {
        return loaded == null || !Optional.ofNullable(loadedStamp).equals(seen);
    }

    /** Notes a change. @return true when nothing more has happened since the last look, so that the writer has finished */
    boolean settles(Optional<FileStamp> seen, long now) {
        if (!changing) {
            changingSince = now;
        }
        boolean quiet = changing && seen.equals(lastSeen);
        changing = true;
        lastSeen = seen;
        return quiet || now - changingSince > LONGEST_WAIT_NANOS;
    }

    void isQuiet() {
        changing = false;
    }

    /** True when the text could not be read: what was in the way may go without leaving a trace on the file. */
    boolean isUnread() {
        return loaded != null && loaded.fingerprint() == null;
    }

    @Nullable
    FileStamp loadedStamp() {
        return loadedStamp;
    }

    @Nullable
    LoadedFile loaded() {
        return loaded;
    }

    /** @return true when it came to something else than before */
    boolean take(LoadedFile file, Optional<FileStamp> stamp) {
        boolean news = !file.equals(loaded);
        loaded = file;
        loadedStamp = stamp.orElse(null);
        changing = false;
        if (file.problems().isEmpty()) {
            lastGood = file.runbooks();
        }
        return news;
    }

    /** What is in force: the newest good version, with the problems of the newest one. */
    LoadedFile inForce() {
        LoadedFile newest = Objects.requireNonNull(loaded);
        return new LoadedFile(newest.file(), newest.fingerprint(), lastGood, newest.problems());
    }
}
