package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.TableLocks;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TablePattern;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

/** What VACUUM and ANALYZE have in common: which tables, one statement each, and what is said when one does not work. */
final class MaintainedTables {

    private MaintainedTables() {}

    /** The tables that are meant; without any pattern, all of the database. */
    static List<TableName> resolve(Session session, List<String> patterns) throws SQLException {
        return patterns.isEmpty() ? TablePattern.all(session) : TablePattern.resolve(session, patterns, List.of());
    }

    /**
     * Runs a statement that allows no transaction around it.
     *
     * <p>The server warns and reports success where it leaves a table out; here that is a failure.
     *
     * @throws SQLException with state 55P03 where the table is locked and was to be skipped then
     * @throws OperatorException where this role may not
     */
    static void execute(Session session, TableName table, String sql) throws SQLException {
        session.call(() -> {
            try (Statement statement = session.connection().createStatement()) {
                statement.execute(sql);
                for (SQLWarning w = statement.getWarnings(); w != null; w = w.getNextWarning()) {
                    String words = String.valueOf(w.getMessage());
                    if (SqlStates.LOCK_NOT_AVAILABLE.equals(w.getSQLState())) {
                        throw new SQLException(words, SqlStates.LOCK_NOT_AVAILABLE);
                    }
                    if (words.contains("skipping")) {
                        throw notAllowed(session, table, words);
                    }
                }
            }
            return true;
        });
    }

    /** Statements of the session are ended by the server after this time. */
    static void statementTimeout(Session session, Duration limit) throws SQLException {
        session.query(
                "select set_config('statement_timeout', ?, false)",
                Long.toString(Math.max(1, Math.min(limit.toMillis(), Integer.MAX_VALUE))));
    }

    /** Who has the table in use, in one line. */
    static String lockedBy(Session session, TableName table, SQLException failure) {
        return String.valueOf(
                TableLocks.explain(session, List.of(table), failure).getMessage());
    }

    /** Known beforehand, because PostgreSQL itself only warns, does nothing and reports success. */
    static OperatorException notAllowed(Session session, TableName table, String words) {
        String user = session.database().settings().user();
        return new OperatorException(
                "role '" + user + "' may not maintain " + table + " in database '"
                        + session.database().name() + "'" + (words.isEmpty() ? "" : ": " + words),
                "from PostgreSQL 17 on: GRANT MAINTAIN ON " + table.quoted() + " TO " + Identifiers.quote(user)
                        + "; before that the role must be a member of the table's owner.");
    }
}
