package io.watchkeeper.toolkit.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.postgres.ColumnType;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.ServerState;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SessionPair;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.TableLocks;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import io.watchkeeper.toolkit.copy.RowHash;
import io.watchkeeper.toolkit.copy.SourceReading;
import io.watchkeeper.toolkit.copy.TypeFit;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Holds a plan against both catalogues, so that whatever cannot be compared is refused before anything is read. */
final class VerifyPreparation {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final VerifyPlan plan;
    private final Reading here;
    private final Reading there;
    private final Database from;
    private final Database to;
    private final List<String> notes = new ArrayList<>();

    /** What one side's server says. */
    private record Reading(ServerState server, String started, TableShape shape, long estimatedRows) {}

    private VerifyPreparation(VerifyPlan plan, Reading here, Reading there, Database from, Database to) {
        this.plan = plan;
        this.here = here;
        this.there = there;
        this.from = from;
        this.to = to;
    }

    /** @throws OperatorException when the tables cannot be compared */
    static PreparedVerification prepare(VerifyPlan plan, SessionPair pair) throws SQLException {
        SourceReading<Reading> source =
                SourceReading.start(pair.source(), () -> read(pair.source(), plan.from(), plan));
        Reading there;
        try {
            there = read(pair.target(), plan.to(), plan);
        } catch (SQLException | RuntimeException e) {
            source.abandon();
            throw e;
        }
        return new VerifyPreparation(
                        plan,
                        source.await(),
                        there,
                        pair.source().database(),
                        pair.target().database())
                .prepare();
    }

    private static Reading read(Session session, TableName name, VerifyPlan plan) throws SQLException {
        TableShape shape = TableShape.read(session, name);
        requireReadable(shape, session.database());
        String started = session.one(
                "select pg_postmaster_start_time()::text || coalesce(inet_server_port()::text, '')",
                row -> row.getString(1));
        return new Reading(
                ServerState.read(session),
                started,
                shape,
                estimate(session, shape, plan.options().where()));
    }

    private static void requireReadable(TableShape shape, Database database) {
        String user = database.settings().user();
        String where = " in database '" + database.name() + "'";
        if (!shape.kind().holdsRows()) {
            throw new OperatorException(
                    shape.name() + where + " is a " + shape.kind() + ", and only tables are verified",
                    "name the tables it reads from.");
        }
        if (!shape.may("SELECT")) {
            throw new OperatorException(
                    "role '" + user + "' lacks SELECT on " + shape.name() + where,
                    "GRANT SELECT ON " + shape.name().quoted() + " TO " + Identifiers.quote(user) + ";");
        }
        if (shape.rowSecurity()) {
            throw new OperatorException(
                    "row security hides rows of " + shape.name() + where + " from role '" + user
                            + "', so that what it sees proves nothing",
                    "ALTER ROLE " + Identifiers.quote(user) + " BYPASSRLS; or verify as the table's owner.");
        }
    }

    /** The planner's estimate, which also knows the condition and tables that were never analyzed. */
    private static long estimate(Session session, TableShape shape, @Nullable String where) throws SQLException {
        String plan;
        try {
            plan = session.oneVerbatim(
                    "EXPLAIN (FORMAT JSON) SELECT FROM " + shape.quotedAlone()
                            + (where == null ? "" : " WHERE (" + where + "\n)"),
                    row -> row.getString(1));
        } catch (SQLException e) {
            if (SqlStates.LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                throw TableLocks.explain(session, List.of(shape.name()), e);
            }
            throw e;
        }
        try {
            return JSON.readTree(plan).at("/0/Plan/Plan Rows").asLong(0);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("EXPLAIN wrote JSON that cannot be read: " + plan, e);
        }
    }

    private PreparedVerification prepare() {
        boolean oneServer = here.started.equals(there.started)
                && here.server.systemIdentifier().equals(there.server.systemIdentifier())
                && here.server.databaseId() == there.server.databaseId();
        if (oneServer && plan.from().equals(plan.to())) {
            throw new OperatorException(
                    plan.from() + " of '" + from.name() + "' and of '" + to.name() + "' are one and the same table",
                    "verify between two databases, or against a table with another name.");
        }
        if (plan.options().by() == VerifyBy.COUNT && plan.options().repair() != Repair.NONE) {
            throw new OperatorException(
                    "a count does not tell which rows differ, and repair is "
                            + plan.options().repair(),
                    "verify by checksum, or leave repair out.");
        }
        List<String> columns = columns();
        List<ComparedColumn> comparedHere = compared(here.shape, there.shape, columns);
        List<ComparedColumn> comparedThere = compared(there.shape, here.shape, columns);
        List<String> key = key();
        List<ComparedColumn> keyHere = compared(here.shape, there.shape, key);
        List<ComparedColumn> keyThere = compared(there.shape, here.shape, key);
        if (key.isEmpty()) {
            noteMissingKey();
        }
        boolean sameEncoding = here.server.encoding().equals(there.server.encoding());
        List<String> rangeHere = new ArrayList<>();
        List<String> rangeThere = new ArrayList<>();
        boolean allOrdered = true;
        for (int i = 0; i < key.size(); i++) {
            boolean ordered = ComparedColumn.sameOrder(keyHere.get(i), keyThere.get(i));
            rangeHere.add(ordered ? keyHere.get(i).quoted() : keyHere.get(i).inByteOrder());
            rangeThere.add(ordered ? keyThere.get(i).quoted() : keyThere.get(i).inByteOrder());
            allOrdered &= ordered;
        }
        boolean wholeNumber = key.size() == 1
                && keyHere.get(0).isWholeNumber()
                && keyThere.get(0).isWholeNumber();
        VerifyOptions options = plan.options();
        TableSide one = new TableSide(
                here.shape,
                comparedHere,
                keyHere,
                rangeHere,
                wholeNumber,
                sameEncoding,
                options.where(),
                null,
                options.by());
        TableSide other = new TableSide(
                there.shape,
                comparedThere,
                keyThere,
                rangeThere,
                wholeNumber,
                sameEncoding,
                options.where(),
                null,
                options.by());
        if (one.hasForeignPartitions() || other.hasForeignPartitions()) {
            notes.add("partitions that are foreign tables are left out");
        }
        // The order of bytes is the same on both servers only where the bytes are.
        boolean inRanges = !key.isEmpty() && (allOrdered || sameEncoding) && !one.hasForeignPartitions();
        boolean sameCluster = here.server.systemIdentifier().equals(there.server.systemIdentifier())
                && here.server.databaseId() == there.server.databaseId()
                && (here.server.isStandby() || there.server.isStandby());
        return new PreparedVerification(
                plan,
                one,
                other,
                here.server,
                there.server,
                Math.max(here.estimatedRows, there.estimatedRows),
                inRanges,
                sameCluster,
                notes);
    }

    private List<String> columns() {
        List<String> known = names(here.shape);
        List<String> wanted =
                plan.options().columns().isEmpty() ? known : plan.options().columns();
        for (String name : wanted) {
            TableShape.Column column = require(here.shape, name, from, "columns");
            TableShape.Column other = there.shape
                    .column(name)
                    .orElseThrow(() -> new OperatorException(
                            there.shape.name() + " in database '" + to.name() + "' has no column "
                                    + Identifiers.quote(name),
                            "ALTER TABLE " + there.shape.name().quoted() + " ADD COLUMN " + Identifiers.quote(name)
                                    + " " + column.type() + "; there, or name the columns to compare with columns."));
            if (!TypeFit.same(column.type(), other.type())) {
                notes.add("column " + Identifiers.quote(name) + " is " + column.type() + " in '" + from.name()
                        + "' and " + other.type() + " in '" + to.name() + "': values are compared as they print");
            }
        }
        if (plan.options().columns().isEmpty()) {
            List<String> more = names(there.shape);
            more.removeAll(known);
            if (!more.isEmpty()) {
                notes.add("only in '" + to.name() + "', and not compared: column " + Identifiers.quoteAll(more));
            }
        }
        return wanted;
    }

    private List<String> key() {
        if (!plan.options().key().isEmpty()) {
            for (String name : plan.options().key()) {
                require(here.shape, name, from, "key");
                require(there.shape, name, to, "key");
            }
            return plan.options().key();
        }
        List<String> common = names(here.shape);
        common.retainAll(names(there.shape));
        List<String> ofSource = keyOf(here.shape, common);
        return ofSource.isEmpty() ? keyOf(there.shape, common) : ofSource;
    }

    /** The primary key, else a unique constraint without nulls. */
    private static List<String> keyOf(TableShape shape, List<String> known) {
        return shape.keys().stream()
                .map(TableShape.Key::columns)
                .filter(known::containsAll)
                .filter(columns -> columns.stream()
                        .allMatch(c ->
                                shape.column(c).map(TableShape.Column::notNull).orElse(false)))
                .findFirst()
                .orElse(List.of());
    }

    private void noteMissingKey() {
        VerifyOptions options = plan.options();
        if (options.by() == VerifyBy.KEYS || options.repair() != Repair.NONE) {
            throw new OperatorException(
                    plan.from() + " has no primary key and no unique constraint without nulls, so that nothing tells"
                            + " its rows apart" + (options.by() == VerifyBy.KEYS ? "" : ", and none can be repaired"),
                    "name the columns that are different in every row with key"
                            + (options.repair() == Repair.NONE
                                    ? ", or verify by checksum."
                                    : ", or replace the table: copyTable '" + plan.from() + "'."));
        }
        if (options.by() != VerifyBy.COUNT) {
            notes.add("no primary key and no unique constraint without nulls: rows that differ are told by their hash");
        }
    }

    private static TableShape.Column require(TableShape shape, String name, Database database, String option) {
        return shape.column(name)
                .orElseThrow(() -> new OperatorException(
                        option + " names " + Identifiers.quote(name) + ", and " + shape.name() + " in database '"
                                + database.name() + "' has no such column",
                        Suggestion.didYouMean(name, names(shape)) + "Its columns: " + Identifiers.quoteAll(names(shape))
                                + "."));
    }

    private static List<String> names(TableShape shape) {
        return new ArrayList<>(
                shape.columns().stream().map(TableShape.Column::name).toList());
    }

    private static List<ComparedColumn> compared(TableShape shape, TableShape other, List<String> names) {
        return names.stream()
                .map(name -> new ComparedColumn(
                        name, type(shape, name), RowHash.isPlain(type(shape, name), type(other, name))))
                .toList();
    }

    private static ColumnType type(TableShape shape, String name) {
        return shape.column(name).orElseThrow().type();
    }
}
