package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Copies tables that foreign keys tie together. */
final class GroupCopier {

    private final Database source;
    private final Database target;
    private final Work work;
    private final RateLimit limit;
    private final List<PreparedCopy> group;
    private final List<CopyResult> results = new ArrayList<>();
    private final List<TableFailure> failures = new ArrayList<>();

    GroupCopier(Database source, Database target, Work work, RateLimit limit, List<PreparedCopy> group) {
        this.source = source;
        this.target = target;
        this.work = work;
        this.limit = limit;
        this.group = new ArrayList<>(group);
    }

    List<CopyResult> results() {
        return results;
    }

    List<TableFailure> failures() {
        return failures;
    }

    void copy() {
        makeMergeIndexes();
        if (group.isEmpty()) {
            return;
        }
        if (group.get(0).silent() && !group.get(0).isSwap()) {
            copyOneByOne();
            reportDangling();
        } else {
            copyTogether();
        }
    }

    /** Before any snapshot: it waits for the transactions of its database, of which that could be one. */
    private void makeMergeIndexes() {
        for (PreparedCopy copy : List.copyOf(group)) {
            MergeIndex index = copy.mergeKey() == null ? null : copy.mergeKey().index();
            if (index != null) {
                try (Session to = target.open(work)) {
                    index.make(to);
                } catch (SQLException | OperatorException e) {
                    group.remove(copy);
                    fail(copy, e);
                }
            }
        }
    }

    private void copyTogether() {
        try (Session from = source.open(work);
                Session to = target.open(work)) {
            SourceSnapshot snapshot = open(from, group);
            List<CopyResult> done = new CopyTransaction(snapshot, to, limit).run(group, Set.of());
            snapshot.close();
            for (int i = 0; i < group.size(); i++) {
                results.add(analyzed(to, group.get(i), done.get(i)));
            }
        } catch (SQLException | OperatorException e) {
            group.forEach(copy -> failures.add(new TableFailure(copy.source().name(), e)));
        }
    }

    /** All in one snapshot; where that is lost, for example with the link, the rest goes on in a new one. */
    private void copyOneByOne() {
        List<PreparedCopy> left = new ArrayList<>(group);
        while (!left.isEmpty()) {
            List<PreparedCopy> seen = List.copyOf(left);
            try (Session from = source.open(work)) {
                SourceSnapshot snapshot = openOrSplit(from, left);
                while (snapshot != null && !left.isEmpty()) {
                    snapshot.mark();
                    PreparedCopy copy = left.remove(0);
                    if (!copyOne(snapshot, copy, names(left)) && !snapshot.backToMark()) {
                        break;
                    }
                }
                if (snapshot != null) {
                    snapshot.close();
                }
            } catch (SQLException | OperatorException e) {
                // The source is not there. Each table says so, and the next one tries for itself.
                if (left.size() == seen.size()) {
                    fail(left.remove(0), e);
                }
            }
        }
    }

    /** When not all tables can be locked, each is tried alone, so that only the locked one fails. */
    private @Nullable SourceSnapshot openOrSplit(Session from, List<PreparedCopy> left) throws SQLException {
        try {
            return open(from, left);
        } catch (OperatorException e) {
            if (left.size() == 1) {
                throw e;
            }
        }
        while (!left.isEmpty()) {
            PreparedCopy copy = left.remove(0);
            try {
                SourceSnapshot alone = open(from, List.of(copy));
                copyOne(alone, copy, names(left));
                alone.close();
            } catch (SQLException | OperatorException e) {
                fail(copy, e);
            }
        }
        return null;
    }

    private static SourceSnapshot open(Session from, List<PreparedCopy> copies) throws SQLException {
        return SourceSnapshot.open(
                from, copies.stream().map(PreparedCopy::source).toList(), CopyTransaction.namesObjects(copies));
    }

    private boolean copyOne(SourceSnapshot snapshot, PreparedCopy copy, Set<TableName> later) {
        try (Session to = target.open(work)) {
            CopyResult result = new CopyTransaction(snapshot, to, limit)
                    .run(List.of(copy), later)
                    .get(0);
            results.add(analyzed(to, copy, result));
            return true;
        } catch (SQLException | OperatorException e) {
            fail(copy, e);
            return false;
        }
    }

    private void fail(PreparedCopy copy, Exception e) {
        failures.add(new TableFailure(copy.source().name(), e));
    }

    private static CopyResult analyzed(Session to, PreparedCopy copy, CopyResult result) {
        return copy.plan().options().analyze() ? Statistics.renew(to, copy, result) : result;
    }

    private static Set<TableName> names(List<PreparedCopy> copies) {
        Set<TableName> names = new LinkedHashSet<>();
        copies.forEach(copy -> names.add(copy.target().name()));
        return names;
    }

    /** A table that failed was counted on when the ones it is tied to were replaced: what refers to nothing now must be said. */
    private void reportDangling() {
        if (failures.isEmpty() || results.isEmpty()) {
            return;
        }
        Set<TableName> failed = new LinkedHashSet<>();
        failures.forEach(failure -> failed.add(failure.table()));
        try (Session to = target.open(work)) {
            for (PreparedCopy copy : group) {
                for (TableShape.ForeignKey key : copy.target().foreignKeys()) {
                    long orphans = failed.contains(key.from()) || failed.contains(key.to())
                            ? ForeignKeyCheck.orphans(to, key)
                            : 0;
                    if (orphans > 0) {
                        failures.add(new TableFailure(
                                key.from(),
                                new OperatorException(
                                        ForeignKeyCheck.describe(to, key, orphans),
                                        "copy both again once the other failure is dealt with.")));
                    }
                }
            }
        } catch (SQLException | OperatorException e) {
            failures.add(new TableFailure(group.get(0).source().name(), e));
        }
    }
}
