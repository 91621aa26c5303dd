package io.watchkeeper.postgres;

import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What the server, or the driver for it, said when something failed.
 *
 * @param text the message and its detail, without the severity in front
 * @param hint the server's own
 * @param sqlState five characters
 */
public record ServerMessage(
        String text, @Nullable String hint, @Nullable String sqlState) {

    /**
     * The innermost failure of a database among the causes: what a pool or a batch says around it is about the pool or the
     * batch. Empty when no database was involved.
     */
    public static Optional<ServerMessage> of(Throwable failure) {
        SQLException innermost = null;
        Throwable next = failure;
        for (int depth = 0; next != null && depth < 50; depth++) {
            if (next instanceof SQLException sql) {
                innermost = sql;
                if (sql.getNextException() != null && sql.getCause() == null) {
                    next = sql.getNextException();
                    continue;
                }
            }
            next = next.getCause();
        }
        return Optional.ofNullable(innermost).map(ServerMessage::read);
    }

    private static ServerMessage read(SQLException e) {
        ServerErrorMessage server = e instanceof PSQLException pg ? pg.getServerErrorMessage() : null;
        if (server == null || server.getMessage() == null) {
            String message = e.getMessage();
            return new ServerMessage(message == null ? e.toString() : message, null, e.getSQLState());
        }
        String detail = server.getDetail();
        return new ServerMessage(
                detail == null ? server.getMessage() : server.getMessage() + " (" + detail + ")",
                server.getHint(),
                server.getSQLState());
    }
}
