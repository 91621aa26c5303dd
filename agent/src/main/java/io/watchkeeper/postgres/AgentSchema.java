package io.watchkeeper.postgres;

import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.List;

/**
 * The schema {@code watchkeeper}, in which the agent keeps what must be committed together with a database's own rows: how far a
 * copy is, which settings of a table are to be put back. Made when it is first needed; no pattern ever means its tables.
 */
public final class AgentSchema {

    public static final String NAME = "watchkeeper";

    private AgentSchema() {}

    /** Whether the table is there already. */
    public static boolean has(Session session, String table) throws SQLException {
        return session.one("select to_regclass(?) is not null", row -> row.getBoolean(1), NAME + "." + table);
    }

    /** Whether all of the tables are there already. */
    public static boolean hasAll(Session session, List<String> tables) throws SQLException {
        return session.one(
                "select coalesce(bool_and(to_regclass(t) is not null), true) from unnest(?::text[]) t",
                row -> row.getBoolean(1),
                tables.stream().map(table -> NAME + "." + table).toList());
    }

    /**
     * Makes a table in the schema, and the schema, unless they are there. Commits; not to be called inside a transaction.
     *
     * @param columns as between the parentheses of {@code CREATE TABLE}
     * @throws OperatorException when the role may not
     */
    public static void require(Session session, String table, String columns) throws SQLException {
        if (has(session, table)) {
            return;
        }
        session.begin();
        try {
            // IF NOT EXISTS alone fails when two sessions do it at once.
            session.query("select pg_advisory_xact_lock(hashtext('watchkeeper schema'))");
            if (!session.one("select to_regnamespace(?) is not null", row -> row.getBoolean(1), NAME)) {
                session.runVerbatim("CREATE SCHEMA " + NAME);
            }
            session.runVerbatim("CREATE TABLE IF NOT EXISTS " + NAME + "." + table + " (" + columns + ")");
            session.commit();
        } catch (SQLException e) {
            session.rollback();
            if (SqlStates.INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                String user = session.database().settings().user();
                throw new OperatorException(
                        "role '" + user + "' may not make the schema " + NAME + " in database '"
                                + session.database().name() + "', where the agent keeps its records",
                        "CREATE SCHEMA IF NOT EXISTS " + NAME + " AUTHORIZATION " + Identifiers.quote(user) + ";",
                        e);
            }
            throw e;
        } catch (RuntimeException e) {
            session.rollback();
            throw e;
        }
    }
}
