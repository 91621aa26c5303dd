package io.watchkeeper.postgres;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Secret;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says why a database cannot be connected to, and what to do. */
final class ConnectionFailure {

    private ConnectionFailure() {}

    static OperatorException explain(DatabaseSettings settings, SQLException failure) {
        String where = "cannot connect to database '" + settings.name() + "' at " + settings.address() + ": ";
        OperatorException own = ownWords(failure);
        if (own != null) {
            return new OperatorException(where + own.getMessage(), own.hint(), failure);
        }
        Optional<TlsFailure> tls = TlsFailure.of(settings, failure);
        if (tls.isPresent()) {
            return new OperatorException(where + tls.get().words(), tls.get().hint(), failure);
        }
        Throwable root = serversWords(failure);
        String state = FailureClass.sqlState(failure).orElse("08001");
        String key = "databases." + settings.name();
        String hint = switch (state) {
            case SqlStates.INVALID_PASSWORD -> "check " + key + ".user and passwordFile.";
            case SqlStates.INVALID_AUTHORIZATION ->
                "check " + key + ".user, and pg_hba.conf on the server: it decides who may log in from where.";
            case SqlStates.INVALID_CATALOG_NAME -> "check the name after the last / in " + key + ".url.";
            case SqlStates.TOO_MANY_CONNECTIONS ->
                "raise max_connections there, or lower " + key + ".maxConnections here.";
            case "57P03" -> "the server is starting up or recovering; try again in a moment.";
            default ->
                "check that the server runs, that " + key
                        + ".url names it, and that the link and firewalls let this host through.";
        };
        String message = where + Secret.redact(String.valueOf(root.getMessage()));
        return new OperatorException(message, hint, failure);
    }

    /** Of what this agent found wrong before the server was asked, a certificate's file for example. */
    private static @Nullable OperatorException ownWords(SQLException failure) {
        Throwable one = failure;
        while (one != null && !(one instanceof OperatorException)) {
            one = one.getCause();
        }
        return (OperatorException) one;
    }

    /** The pool wraps the driver's failure, and the driver may wrap the system's, which says it shortest. */
    private static Throwable serversWords(SQLException failure) {
        Throwable words = failure;
        while (words.getCause() != null
                && words.getCause() != words
                && words.getCause().getMessage() != null) {
            words = words.getCause();
        }
        return words;
    }
}
