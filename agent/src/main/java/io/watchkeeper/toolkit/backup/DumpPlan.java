package io.watchkeeper.toolkit.backup;

import io.watchkeeper.problem.OperatorException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is dumped and how.
 *
 * @param jobs tables at once, with {@link DumpFormat#DIRECTORY}
 * @param globals whether roles, their memberships and tablespaces go with it
 * @param compression null for what suits the format: gzip for custom and directory, none for plain and tar
 * @param testRestore whether it is restored into a scratch database and compared with what was dumped
 * @param testOn the configured database on whose server that is done; null for the one that is dumped
 * @param lockTimeout how long locks on tables are waited for
 */
public record DumpPlan(
        DumpFormat format,
        int jobs,
        DumpSelection selection,
        boolean globals,
        @Nullable Compression compression,
        boolean testRestore,
        @Nullable String testOn,
        Duration lockTimeout) {

    /** A whole database in the custom format, with globals. */
    public static final DumpPlan DEFAULT =
            new DumpPlan(DumpFormat.CUSTOM, 1, DumpSelection.ALL, true, null, false, null, Duration.ofSeconds(30));

    /** @throws OperatorException when two of the wishes exclude each other */
    public DumpPlan {
        if (jobs < 1) {
            throw new OperatorException("'jobs' is " + jobs, "it takes at least one.");
        }
        if (jobs > 1 && format != DumpFormat.DIRECTORY) {
            throw new OperatorException(
                    "only a dump of format directory is made by several jobs, and this one is " + format,
                    "say 'format directory', or leave 'jobs' out.");
        }
        if (testRestore) {
            requireTestable(format, selection, testOn);
        }
    }

    private static void requireTestable(DumpFormat format, DumpSelection selection, @Nullable String testOn) {
        if (selection.dataOnly()) {
            throw new OperatorException(
                    "rows alone cannot be restored into an empty database, so that the dump cannot be tested",
                    "leave 'dataOnly' or 'testRestore' out.");
        }
        if (format == DumpFormat.PLAIN && (selection.isPart() || testOn != null)) {
            throw new OperatorException(
                    "plain SQL runs as a whole, so that "
                            + (testOn != null
                                    ? "owners and grants must exist where it is tested"
                                    : "what a part of a database refers to must exist where it is tested"),
                    "say 'format custom': of that, what can be restored anywhere is restored.");
        }
    }

    public DumpPlan withFormat(DumpFormat chosen) {
        return new DumpPlan(chosen, jobs, selection, globals, compression, testRestore, testOn, lockTimeout);
    }

    public DumpPlan withSelection(DumpSelection chosen) {
        return new DumpPlan(format, jobs, chosen, globals, compression, testRestore, testOn, lockTimeout);
    }

    public DumpPlan withCompression(@Nullable Compression chosen) {
        return new DumpPlan(format, jobs, selection, globals, chosen, testRestore, testOn, lockTimeout);
    }

    public DumpPlan withGlobals(boolean yes) {
        return new DumpPlan(format, jobs, selection, yes, compression, testRestore, testOn, lockTimeout);
    }

    public DumpPlan withTestRestore(boolean yes) {
        return new DumpPlan(format, jobs, selection, globals, compression, yes, testOn, lockTimeout);
    }

    /** What its files are compressed with, by pg_dump or behind it. */
    public Compression chosenCompression() {
        if (compression != null) {
            return compression;
        }
        return format.compressesItself() ? Compression.GZIP : Compression.NONE;
    }
}
