package io.watchkeeper.toolkit.verify;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SessionPair;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.CopyProgress;
import io.watchkeeper.toolkit.copy.CopySql;
import io.watchkeeper.toolkit.copy.FillLock;
import io.watchkeeper.toolkit.copy.PreparedCopy;
import io.watchkeeper.toolkit.copy.RateLimit;
import io.watchkeeper.toolkit.copy.RowStream;
import io.watchkeeper.toolkit.copy.TargetQuestions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Makes rows of the target what the source has: their keys are deleted, and what the source has of them is written anew. Many rows go
 * in several transactions, where none of them can stand in another's way; whoever dies between two of them leaves fewer differences
 * behind than there were.
 */
final class RepairRun {

    private static final String ROWS = "watchkeeper_repair";
    private static final int ROWS_AT_ONCE = 2_000;
    private static final int ROWS_OF_TRANSACTION = 20_000;

    private final SessionPair pair;
    private final PreparedVerification plan;
    private final PreparedCopy copy;
    private final RateLimit limit;
    private final InFlight knowledge;
    private long repaired;

    RepairRun(SessionPair pair, PreparedVerification plan, PreparedCopy copy, RateLimit limit, InFlight knowledge) {
        this.knowledge = knowledge;
        this.pair = pair;
        this.plan = plan;
        this.copy = copy;
        this.limit = limit;
    }

    /**
     * @param extra how many of the rows the source does not have
     * @param rowsThere of the target
     * @throws OperatorException when the brake stops it; nothing is changed then
     */
    void requireBrake(long extra, long rowsThere) {
        DeleteBrake brake = plan.plan().options().maxDeletes();
        if (brake.stops(extra, rowsThere)) {
            throw new OperatorException(
                    "a repair would delete " + extra + " of " + rowsThere + " rows of "
                            + plan.plan().to()
                            + " in database '" + pair.target().database().name() + "', more than " + brake
                            + "; nothing was changed",
                    "see whether the source is what it should be; maxDeletes 100.percent lifts the brake.");
        }
    }

    /** @return how many rows were deleted, written or both */
    long apply(DifferenceFile differing) throws SQLException {
        FillLock.take(
                pair.target(),
                plan.plan().to(),
                "repair it when that is done; then there may be nothing left to repair.");
        try (CopyProgress progress =
                new CopyProgress(pair.target().work(), plan.plan().from().toString(), differing.lines())) {
            if (inOneTransaction()) {
                transaction(progress, stream -> differing.read(ROWS_AT_ONCE, batch -> stage(stream, batch)), differing);
            } else {
                differing.read(ROWS_OF_TRANSACTION, some -> transaction(progress, some));
            }
        }
        return repaired;
    }

    /** Where a row may need a value that another one is about to give up, or refer to another one. */
    private boolean inOneTransaction() {
        TableShape target = copy.target();
        Set<String> key = Set.copyOf(plan.keyNames());
        boolean onlyTheKey = target.uniqueIndexes().stream().allMatch(index -> key.equals(Set.copyOf(index.columns())));
        return !onlyTheKey
                || !target.foreignKeys().isEmpty()
                || !target.referencedBy().isEmpty();
    }

    /** Something that is done with a stream open. */
    private interface Staging {
        void fill(RowStream stream) throws SQLException;
    }

    private void transaction(CopyProgress progress, List<Difference> some) throws SQLException {
        begin();
        try {
            RowStream stream = new RowStream(pair.source(), pair.target(), limit, progress);
            for (int i = 0; i < some.size(); i += ROWS_AT_ONCE) {
                stage(stream, some.subList(i, Math.min(some.size(), i + ROWS_AT_ONCE)));
            }
            for (int i = 0; i < some.size(); i += ROWS_AT_ONCE) {
                delete(some.subList(i, Math.min(some.size(), i + ROWS_AT_ONCE)));
            }
            finish(some.size());
        } catch (SQLException | RuntimeException e) {
            pair.target().rollback();
            throw e;
        } finally {
            pair.source().rollback();
        }
    }

    private void transaction(CopyProgress progress, Staging staging, DifferenceFile all) throws SQLException {
        begin();
        try {
            staging.fill(new RowStream(pair.source(), pair.target(), limit, progress));
            all.read(ROWS_AT_ONCE, this::delete);
            finish(all.lines());
        } catch (SQLException | RuntimeException e) {
            pair.target().rollback();
            throw e;
        } finally {
            pair.source().rollback();
        }
    }

    private void begin() throws SQLException {
        Session target = pair.target();
        Views.begin(pair.source(), plan.here().shape(), plan.holdsObjectNames());
        target.begin();
        try {
            List<String> statements = new ArrayList<>();
            statements.add(CopySql.pinnedSettings(copy.holdsObjectNames()));
            statements.addAll(CopySql.silence(List.of(copy)));
            statements.add("LOCK TABLE " + copy.target().quotedAlone() + " IN SHARE ROW EXCLUSIVE MODE");
            statements.add("CREATE TEMP TABLE " + ROWS + " ON COMMIT DROP AS SELECT "
                    + Identifiers.quoteAll(copy.columnNames()) + " FROM "
                    + copy.target().name().quoted() + " WITH NO DATA");
            target.runVerbatim(String.join("; ", statements));
        } catch (SQLException | RuntimeException e) {
            pair.source().rollback();
            target.rollback();
            throw e;
        }
    }

    private void stage(RowStream stream, List<Difference> some) throws SQLException {
        String among = plan.here().among(keys(some));
        for (TableName relation : copy.sourceRelations()) {
            stream.pump(
                    CopySql.copyOut(copy, relation, among),
                    "COPY pg_temp." + ROWS + " (" + Identifiers.quoteAll(copy.columnNames()) + ") FROM STDIN (FORMAT "
                            + copy.format() + ")");
        }
    }

    private void delete(List<Difference> some) throws SQLException {
        pair.target()
                .updateVerbatim("DELETE FROM " + copy.target().quotedAlone() + " WHERE "
                        + plan.there().among(keys(some)));
    }

    private static List<List<String>> keys(List<Difference> some) {
        return some.stream().map(Difference::key).toList();
    }

    /** Keys that print differently and are equal, as 1.0 and 1.00, brought the same row twice if not looked for together. */
    private String dropTwins() {
        String equal = plan.there().key().stream()
                .map(column -> "a." + column.quoted() + " = b." + column.quoted())
                .collect(Collectors.joining(" AND "));
        return "DELETE FROM pg_temp." + ROWS + " a USING pg_temp." + ROWS + " b WHERE a.ctid > b.ctid AND " + equal;
    }

    private void finish(long rows) throws SQLException {
        String columns = Identifiers.quoteAll(copy.columnNames());
        if (rows > ROWS_AT_ONCE) {
            pair.target().updateVerbatim(dropTwins());
        }
        pair.target()
                .updateVerbatim("INSERT INTO " + copy.target().name().quoted() + " (" + columns
                        + ") OVERRIDING SYSTEM VALUE SELECT " + columns + " FROM pg_temp." + ROWS);
        TargetQuestions.ofEnd(List.of(copy), Set.of()).ask(pair.target());
        knowledge.repairs(pair.target(), plan.plan().to());
        pair.target().commit();
        repaired += rows;
    }
}
