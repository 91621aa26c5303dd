package io.watchkeeper.toolkit.backup;

import io.watchkeeper.problem.OperatorException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What of which dump is restored, and where to.
 *
 * @param into a configured database, or the name of one on the server of the database that was dumped; made when it is missing
 * @param dump the catalogue's id; null for the newest that is not damaged
 * @param selection what of the dump; its {@code exclude} is not used
 * @param clean whether what is restored takes the place of what is there
 * @param jobs tables at once, into a database that is made
 * @param damaged whether a dump is restored that is known to be damaged
 */
public record DumpRestorePlan(
        String into, @Nullable String dump, DumpSelection selection, boolean clean, int jobs, boolean damaged) {

    /** @throws OperatorException when a wish cannot be meant */
    public DumpRestorePlan {
        if (into.isBlank()) {
            throw new OperatorException(
                    "the database to restore into has no name", "restore('shore') { into 'other' }");
        }
        if (jobs < 1) {
            throw new OperatorException("'jobs' is " + jobs, "it takes at least one.");
        }
    }

    /** All of the newest dump. */
    public static DumpRestorePlan into(String database) {
        return new DumpRestorePlan(database, null, DumpSelection.ALL, false, 1, false);
    }

    public DumpRestorePlan withDump(@Nullable String id) {
        return new DumpRestorePlan(into, id, selection, clean, jobs, damaged);
    }

    public DumpRestorePlan withTables(List<String> patterns) {
        return new DumpRestorePlan(into, dump, selection.withTables(patterns), clean, jobs, damaged);
    }

    public DumpRestorePlan withSelection(DumpSelection chosen) {
        return new DumpRestorePlan(into, dump, chosen, clean, jobs, damaged);
    }

    public DumpRestorePlan withClean(boolean yes) {
        return new DumpRestorePlan(into, dump, selection, yes, jobs, damaged);
    }

    public DumpRestorePlan withJobs(int several) {
        return new DumpRestorePlan(into, dump, selection, clean, several, damaged);
    }
}
