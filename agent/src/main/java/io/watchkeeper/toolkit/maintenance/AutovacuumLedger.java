package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.postgres.AgentSchema;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The settings of tables that the agent has changed, table {@code watchkeeper.autovacuum_settings} of the database: what was set
 * before, recorded in the transaction that changes it. So whatever dies at any moment, either both are there or neither.
 */
final class AutovacuumLedger {

    private static final String TABLE = "autovacuum_settings";
    private static final String COLUMNS = """
            relation oid, option_name text, table_name text NOT NULL, old_value text, new_value text NOT NULL, agent text NOT NULL,
            changed_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (relation, option_name)""";

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);
    private static final int ATTEMPTS = 5;
    private static final double FIRST_PAUSE_SECONDS = 0.25;

    private final Session session;

    AutovacuumLedger(Session session) {
        this.session = session;
    }

    /** One change on record. @param old null where nothing was set */
    record Entry(String option, @Nullable String old, String value) {}

    /** What is on record, by table; empty where nothing ever was. */
    Map<Long, List<Entry>> entries() throws SQLException {
        Map<Long, List<Entry>> entries = new HashMap<>();
        if (AgentSchema.has(session, TABLE)) {
            session.list(
                    "select relation::bigint, option_name, old_value, new_value from watchkeeper." + TABLE
                            + " order by relation, option_name",
                    row -> entries.computeIfAbsent(row.getLong(1), id -> new ArrayList<>())
                            .add(new Entry(row.getString(2), row.getString(3), row.getString(4))));
        }
        return entries;
    }

    /** Changes settings of a table and records what they were. Commits; not to be called inside a transaction. */
    void apply(AutovacuumTable table, Map<String, String> values, String sql) throws SQLException {
        AgentSchema.require(session, TABLE, COLUMNS);
        inTransaction(() -> {
            for (Map.Entry<String, String> one : values.entrySet()) {
                // What was there before the agent's first change is what counts.
                session.update(
                        "insert into watchkeeper." + TABLE
                                + " (relation, option_name, table_name, old_value, new_value, agent)"
                                + " values (?::bigint::oid, ?, ?, ?, ?, ?) on conflict (relation, option_name)"
                                + " do update set (new_value, agent, changed_at) = (excluded.new_value, excluded.agent, now())",
                        table.id(),
                        one.getKey(),
                        table.name().toString(),
                        table.options().get(one.getKey()),
                        one.getValue(),
                        session.work().applicationName());
            }
            session.runVerbatim(sql);
        });
    }

    /** Puts back what was set before, by the statement given, and forgets it. Commits. @param sql empty when nothing is to be put back */
    void undo(AutovacuumTable table, String sql) throws SQLException {
        inTransaction(() -> {
            session.update("delete from watchkeeper." + TABLE + " where relation = ?::bigint::oid", table.id());
            if (!sql.isEmpty()) {
                session.runVerbatim(sql);
            }
        });
    }

    private interface Change {
        void run() throws SQLException;
    }

    /** The lock lets reads and writes pass; only what maintains the table is waited for. */
    private void inTransaction(Change change) throws SQLException {
        session.lockTimeout(LONGEST_WAIT);
        double pause = FIRST_PAUSE_SECONDS;
        for (int attempt = 1; ; attempt++) {
            session.begin();
            try {
                change.run();
                session.commit();
                return;
            } catch (SQLException e) {
                session.rollback();
                if (attempt == ATTEMPTS || !SqlStates.LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                    throw e;
                }
            } catch (RuntimeException e) {
                session.rollback();
                throw e;
            }
            session.query("select pg_sleep(?)", pause); // on the server, where a cancellation ends it
            pause *= 2;
        }
    }
}
