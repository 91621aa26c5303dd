package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.AgentSchema;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Autovacuum leaves tables alone while they are filled. What was set before is recorded in the target, in the transaction that
 * changes it, and put back by whoever finds the record without an owner.
 *
 * <p>Owners share an advisory lock of the table, for two appends may fill it at once; whoever puts back needs the lock alone. So
 * the last owner puts back, and of a dead one the server itself releases the lock.
 */
final class SuspendedAutovacuum {

    static final String TABLE = "suspended_autovacuum";

    private static final Logger LOG = LoggerFactory.getLogger(SuspendedAutovacuum.class);

    /** The server looks every ten seconds whether the other end of a connection is still there. */
    private static final int ENDS_WITHIN_TENTHS = 120;

    private static final String COLUMNS = """
            relation oid PRIMARY KEY, table_name text NOT NULL, old_value text, old_toast_value text, agent text NOT NULL,
            since timestamptz NOT NULL DEFAULT now()""";

    private static final String TABLES = """
            unnest(?::text[], ?::text[]) w(s, t) join pg_namespace n on n.nspname = w.s
              join pg_class c on c.relnamespace = n.oid and c.relname = w.t left join pg_class toast on toast.oid = c.reltoastrelid""";

    /** What is set now; null for nothing. */
    private static final String VALUE =
            "(select option_value from pg_options_to_table(%s.reloptions) where option_name = 'autovacuum_enabled')";

    /** What undoes the setting of an option {@code o.name} whose value was {@code o.old}. */
    private static final String UNDO =
            "string_agg(CASE WHEN o.old IS NULL THEN format('RESET (%s)', o.name) ELSE format('SET (%s = %L)', o.name, o.old) END, ', ')";

    private SuspendedAutovacuum() {}

    /** The tables that get the rows: a partitioned one has none of its own. */
    static List<TableName> filledBy(PreparedCopy copy) {
        if (!copy.target().isPartitioned()) {
            return List.of(copy.target().name());
        }
        return copy.target().leaves().stream()
                .filter(leaf -> leaf.kind() == TableShape.Kind.TABLE)
                .map(TableShape.Leaf::name)
                .sorted(Comparator.comparing(TableName::quoted))
                .toList();
    }

    /** @throws OperatorException when the copy is to suspend autovacuum of a table that only its owner may alter */
    static void requireRight(Session target, PreparedCopy copy) throws SQLException {
        if (!copy.suspendsAutovacuum()) {
            return;
        }
        List<TableName> tables = filledBy(copy);
        List<TableName> foreign = target.list(
                "select w.s, w.t from " + TABLES + " where not pg_has_role(c.relowner, 'USAGE') order by 1, 2",
                row -> new TableName(row.getString(1), row.getString(2)),
                schemas(tables),
                names(tables));
        if (!foreign.isEmpty()) {
            String user = target.database().settings().user();
            throw new OperatorException(
                    "role '" + user + "' may not suspend autovacuum of "
                            + foreign.stream().map(TableName::toString).collect(Collectors.joining(", "))
                            + " in database '" + target.database().name() + "', because it does not own "
                            + (foreign.size() == 1 ? "it" : "them"),
                    "leave suspendAutovacuum out, or ALTER TABLE "
                            + foreign.get(0).quoted() + " OWNER TO " + Identifiers.quote(user) + ";");
        }
    }

    static String suspend(TableName table) {
        return "ALTER TABLE " + table.quoted() + " SET (autovacuum_enabled = off, toast.autovacuum_enabled = off)";
    }

    /** For a dry run: what would put the table's present settings back. */
    static String undo(Session target, TableName table) throws SQLException {
        String actions = target.oneVerbatim(
                "select " + UNDO
                        + " from pg_class c left join pg_class toast on toast.oid = c.reltoastrelid cross join lateral"
                        + " (values ('autovacuum_enabled', " + VALUE.formatted("c") + "), ('toast.autovacuum_enabled', "
                        + VALUE.formatted("toast") + ")) o(name, old) where c.oid = to_regclass("
                        + Identifiers.quoteLiteral(table.quoted()) + ")",
                row -> row.getString(1));
        return "ALTER TABLE " + table.quoted() + " " + actions;
    }

    /**
     * Suspends it until {@link #release}, or until the session is closed and somebody puts back what was set. Commits; not to be
     * called inside a transaction.
     */
    static void suspend(Session target, List<TableName> tables) throws SQLException {
        if (tables.isEmpty()) {
            return;
        }
        AgentSchema.require(target, TABLE, COLUMNS);
        target.query(
                "select pg_advisory_lock_shared(" + lock("c.oid") + ") from " + TABLES + " order by c.oid",
                schemas(tables),
                names(tables));
        target.begin();
        try {
            // What is on record already is what somebody else found, who may have died.
            target.update(
                    "insert into watchkeeper." + TABLE
                            + " (relation, table_name, old_value, old_toast_value, agent) select c.oid,"
                            + " w.s || '.' || w.t, " + VALUE.formatted("c") + ", " + VALUE.formatted("toast")
                            + ", ? from " + TABLES + " order by c.oid on conflict (relation) do nothing",
                    target.work().applicationName(),
                    schemas(tables),
                    names(tables));
            target.runVerbatim(tables.stream().map(SuspendedAutovacuum::suspend).collect(Collectors.joining("; ")));
            target.commit();
        } catch (SQLException | RuntimeException e) {
            target.rollback();
            throw e;
        }
    }

    /**
     * Gives the tables up and puts back what nobody else needs suspended. In a session that is no good any more nothing happens:
     * the copy does it once its sessions are closed.
     */
    static void release(Session target, List<TableName> tables) {
        if (tables.isEmpty() || !target.isUsable()) {
            return;
        }
        try {
            // First: two owners that end at once would each find the other one's lock in the way.
            target.query(
                    "select pg_advisory_unlock_shared(" + lock("c.oid") + ") from " + TABLES,
                    schemas(tables),
                    names(tables));
            run(target, restore(tables));
        } catch (SQLException | RuntimeException e) {
            LOG.warn("autovacuum of {} stays suspended until the next sweep: {}", tables, e.getMessage());
        }
    }

    /** Waits for the server to end the sessions of a copy that have been closed, as long as it may take to notice. */
    static void awaitEnd(Session target, String applicationName) throws SQLException {
        for (int i = 0; i < ENDS_WITHIN_TENTHS && isHeldBy(target, applicationName); i++) {
            // On the server, because the thread of a cancelled copy is interrupted.
            target.query("select pg_sleep(0.1)");
        }
    }

    private static boolean isHeldBy(Session target, String applicationName) throws SQLException {
        return target.one(
                "select exists (select from watchkeeper." + TABLE
                        + " s join pg_locks l on l.locktype = 'advisory' and l.granted"
                        + " and l.objsubid = 1 and (l.classid::bigint << 32 | l.objid::bigint) = " + lock("s.relation")
                        + " and l.database = (select oid from pg_database where datname = current_database())"
                        + " join pg_stat_activity a using (pid) where a.application_name = ?)",
                row -> row.getBoolean(1),
                applicationName);
    }

    /** Puts back, in the whole database, what is suspended for nobody; forgets tables that are gone. */
    static void restoreForgotten(Session target) throws SQLException {
        run(
                target,
                restore(
                        "true",
                        "DELETE FROM watchkeeper." + TABLE + " s WHERE NOT EXISTS"
                                + " (SELECT FROM pg_class c WHERE c.oid = s.relation);"));
    }

    /**
     * A statement that puts back what is suspended of these tables for nobody; without effect where there is no such record, or
     * where this role may not. A table that stays locked keeps its record.
     */
    static String restore(List<TableName> tables) {
        String oids = tables.stream()
                .map(table -> "to_regclass(" + Identifiers.quoteLiteral(table.quoted()) + ")::oid")
                .collect(Collectors.joining(", "));
        return restore("s.relation IN (" + (tables.isEmpty() ? "NULL" : oids) + ")", "");
    }

    private static String restore(String condition, String first) {
        return """
                DO $watchkeeper$ DECLARE entry record; put_back text; BEGIN
                  IF EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'watchkeeper'
                                AND c.relname = 'suspended_autovacuum' AND has_schema_privilege(n.oid, 'USAGE')
                                AND has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'DELETE')) THEN
                    %s
                    FOR entry IN SELECT s.relation, s.table_name FROM watchkeeper.suspended_autovacuum s
                                   JOIN pg_class c ON c.oid = s.relation
                                  WHERE (%s) AND pg_has_role(c.relowner, 'USAGE') ORDER BY s.relation LOOP
                      CONTINUE WHEN NOT pg_try_advisory_xact_lock(%s);
                      BEGIN
                        -- What somebody else has changed meanwhile stays as it is.
                        WITH gone AS (DELETE FROM watchkeeper.suspended_autovacuum s WHERE s.relation = entry.relation RETURNING *)
                        SELECT format('ALTER TABLE %%I.%%I ', n.nspname, c.relname) || %s INTO put_back
                          FROM gone g JOIN pg_class c ON c.oid = g.relation JOIN pg_namespace n ON n.oid = c.relnamespace
                          LEFT JOIN pg_class toast ON toast.oid = c.reltoastrelid
                         CROSS JOIN LATERAL (VALUES ('autovacuum_enabled', c.reloptions, g.old_value),
                                             ('toast.autovacuum_enabled', toast.reloptions, g.old_toast_value)) o(name, now, old)
                         WHERE 'autovacuum_enabled=off' = ANY (o.now) GROUP BY n.nspname, c.relname;
                        IF put_back IS NOT NULL THEN EXECUTE put_back; END IF;
                      EXCEPTION WHEN lock_not_available OR deadlock_detected OR insufficient_privilege OR undefined_table THEN
                        RAISE WARNING 'autovacuum of %% stays suspended: %%', entry.table_name, SQLERRM;
                      END;
                    END LOOP;
                  END IF;
                END $watchkeeper$""".formatted(first, condition, lock("entry.relation"), UNDO);
    }

    private static String lock(String oid) {
        return "hashtextextended('watchkeeper autovacuum ' || " + oid + "::text, 0)";
    }

    private static void run(Session target, String restore) throws SQLException {
        List<String> warnings = target.call(() -> {
            try (Statement statement = target.connection().createStatement()) {
                statement.execute(restore);
                List<String> said = new ArrayList<>();
                for (SQLWarning w = statement.getWarnings(); w != null; w = w.getNextWarning()) {
                    said.add(w.getMessage());
                }
                return said;
            }
        });
        warnings.forEach(w -> LOG.warn(
                "database '{}': {}; the next sweep tries again",
                target.database().name(),
                w));
    }

    private static List<String> schemas(List<TableName> tables) {
        return tables.stream().map(TableName::schema).toList();
    }

    private static List<String> names(List<TableName> tables) {
        return tables.stream().map(TableName::name).toList();
    }
}
