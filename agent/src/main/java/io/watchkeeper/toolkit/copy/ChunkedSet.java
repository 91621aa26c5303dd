package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Copies those tables of a set that go in chunks, one after the other, each with all the workers there are. The record of a table
 * that is done stays until all are: an interrupted set goes on with what is missing, and brings the finished ones up to date.
 */
final class ChunkedSet {

    private final Database source;
    private final Database target;
    private final Work work;
    private final RateLimit limit;
    private final List<CopyResult> results = new ArrayList<>();
    private final List<TableFailure> failures = new ArrayList<>();

    ChunkedSet(Database source, Database target, Work work, RateLimit limit) {
        this.source = source;
        this.target = target;
        this.work = work;
        this.limit = limit;
    }

    /** @param tables referenced ones first */
    void copy(List<PreparedCopy> tables) throws SQLException {
        Set<TableName> later = new LinkedHashSet<>();
        tables.forEach(copy -> later.add(copy.target().name()));
        for (PreparedCopy copy : tables) {
            later.remove(copy.target().name());
            try {
                CopyResult result = new ChunkedCopier(
                                source, target, work, limit, copy, Set.copyOf(later), tables.size() > 1)
                        .copy();
                results.add(copy.plan().options().analyze() ? analyzed(copy, result) : result);
            } catch (SQLException | OperatorException e) {
                failures.add(new TableFailure(copy.source().name(), e));
            }
        }
        if (failures.isEmpty() && tables.size() > 1) {
            try (Session to = target.open(work)) {
                to.runVerbatim(String.join(
                        "; ",
                        tables.stream()
                                .map(copy -> CopyLedger.discard(copy.target().name()))
                                .toList()));
            }
        }
    }

    private CopyResult analyzed(PreparedCopy copy, CopyResult result) throws SQLException {
        try (Session to = target.open(work)) {
            return Statistics.renew(to, copy, result);
        }
    }

    List<CopyResult> results() {
        return results;
    }

    List<TableFailure> failures() {
        return failures;
    }
}
