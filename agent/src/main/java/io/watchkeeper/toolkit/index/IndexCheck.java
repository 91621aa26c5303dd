package io.watchkeeper.toolkit.index;

import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.Optional;

/** Looks through a B-tree by the extension amcheck: its order, and that it has an entry for each row of its table. */
final class IndexCheck {

    private static final String INDEX_CORRUPTED = "XX002";
    private static final String DATA_CORRUPTED = "XX001";

    private final Session session;
    private final String schema;

    private IndexCheck(Session session, String schema) {
        this.session = session;
        this.schema = schema;
    }

    /** @throws OperatorException when the extension is not installed in the database */
    static IndexCheck require(Session session) throws SQLException {
        String schema = BloatReader.extensionSchema(session, "amcheck")
                .orElseThrow(() -> new OperatorException(
                        "'amcheck true' needs the extension amcheck, which database '"
                                + session.database().name() + "' does not have",
                        "CREATE EXTENSION amcheck; and, for a role that is no superuser, GRANT EXECUTE ON FUNCTION"
                                + " bt_index_check(regclass, boolean) TO it."));
        return new IndexCheck(session, schema);
    }

    /** @return what is wrong with it, in the server's words; empty when it is sound */
    Optional<String> look(IndexName index) throws SQLException {
        try {
            session.query("select " + schema + ".bt_index_check(?::regclass, true)", index.quoted());
            return Optional.empty();
        } catch (SQLException e) {
            String state = FailureClass.sqlState(e).orElse("");
            if (state.equals(INDEX_CORRUPTED) || state.equals(DATA_CORRUPTED)) {
                return Optional.of(String.valueOf(e.getMessage())
                        .lines()
                        .findFirst()
                        .orElse("")
                        .replaceFirst("^ERROR: ", ""));
            }
            if (state.equals(SqlStates.INSUFFICIENT_PRIVILEGE)) {
                throw new OperatorException(
                        "role '" + session.database().settings().user() + "' may not use amcheck in database '"
                                + session.database().name() + "'",
                        "GRANT EXECUTE ON FUNCTION " + schema + ".bt_index_check(regclass, boolean) TO "
                                + session.database().settings().user() + ";",
                        e);
            }
            throw e;
        }
    }
}
