package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.ServerState;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;

/**
 * The two ends of a copy.
 *
 * @param silent whether the target's role may keep triggers and foreign keys silent
 * @param sameDatabase whether both ends are one database, or a primary and its standby
 */
public record ServerPair(ServerState source, ServerState target, boolean silent, boolean sameDatabase) {

    /** @throws OperatorException when the target takes no writes */
    public static ServerPair read(Session source, Session target) throws SQLException {
        ServerState from = ServerState.read(source);
        ServerState to = ServerState.read(target);
        String name = target.database().name();
        if (to.isStandby()) {
            throw new OperatorException(
                    "database '" + name + "' is a standby and takes no writes",
                    "copy to its primary, or add ?targetServerType=primary and all hosts to databases." + name
                            + ".url.");
        }
        boolean same = from.systemIdentifier().equals(to.systemIdentifier()) && from.databaseId() == to.databaseId();
        return new ServerPair(from, to, mayKeepSilent(target), same);
    }

    public boolean sameEncoding() {
        return source.encoding().equals(target.encoding());
    }

    /** Superusers may, others where it was granted to them: asking the catalogue for that differs by version, trying does not. */
    private static boolean mayKeepSilent(Session target) throws SQLException {
        try {
            target.query("select set_config('session_replication_role', 'replica', true)");
            return true;
        } catch (SQLException e) {
            if (SqlStates.INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                return false;
            }
            throw e;
        }
    }
}
