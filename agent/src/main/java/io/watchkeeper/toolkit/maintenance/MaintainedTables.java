package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlCall;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.postgres.TableLocks;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TablePattern;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What VACUUM and ANALYZE have in common: which tables, one statement each, and what is said when one does not work. */
final class MaintainedTables {

    private MaintainedTables() {}

    /** The tables that are meant; without any pattern, all of the database. */
    static List<TableName> resolve(Session session, List<String> patterns) throws SQLException {
        return patterns.isEmpty() ? TablePattern.all(session) : TablePattern.resolve(session, patterns, List.of());
    }

    /**
     * Does something to the table. A failure that is the table's own is added to the list; one of the connection is thrown,
     * because the other tables would meet it too.
     *
     * @param action returns the server's warnings
     * @return whether it worked
     */
    static boolean attempt(Session session, TableName table, List<TableFailure> failures, SqlCall<List<String>> action)
            throws SQLException {
        try {
            Optional<String> skipped =
                    action.run().stream().filter(w -> w.contains("skipping")).findFirst();
            skipped.ifPresent(words -> failures.add(new TableFailure(table, notAllowed(session, table, words))));
            return skipped.isEmpty();
        } catch (SQLException e) {
            String state = FailureClass.sqlState(e).orElse("");
            if (state.equals(SqlStates.LOCK_NOT_AVAILABLE)) {
                failures.add(new TableFailure(table, TableLocks.explain(session, List.of(table), e)));
                return false;
            }
            if (FailureClass.of(e) != FailureClass.PERMANENT) {
                throw e;
            }
            failures.add(new TableFailure(table, e));
            return false;
        }
    }

    /**
     * Runs a statement that allows no transaction around it.
     *
     * @return the server's warnings
     */
    static List<String> execute(Session session, String sql) throws SQLException {
        return session.call(() -> {
            List<String> warnings = new ArrayList<>();
            try (Statement statement = session.connection().createStatement()) {
                statement.execute(sql);
                for (SQLWarning w = statement.getWarnings(); w != null; w = w.getNextWarning()) {
                    warnings.add(String.valueOf(w.getMessage()));
                }
            }
            return warnings;
        });
    }

    /** Without the right to, PostgreSQL warns, does nothing and reports success. */
    private static OperatorException notAllowed(Session session, TableName table, String words) {
        String user = session.database().settings().user();
        return new OperatorException(
                "role '" + user + "' may not maintain " + table + " in database '"
                        + session.database().name() + "': " + words,
                "from PostgreSQL 17 on: GRANT MAINTAIN ON " + table.quoted() + " TO " + Identifiers.quote(user)
                        + "; before that the role must be a member of the table's owner.");
    }
}
