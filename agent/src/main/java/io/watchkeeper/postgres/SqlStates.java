package io.watchkeeper.postgres;

import java.sql.SQLException;
import java.util.Set;

/** The SQLSTATEs this agent acts on, by the names PostgreSQL's manual gives them. */
public final class SqlStates {

    public static final String CONNECTION_FAILURE = "08006";
    public static final String READ_ONLY_SQL_TRANSACTION = "25006";
    public static final String INVALID_PASSWORD = "28P01";
    public static final String INVALID_AUTHORIZATION = "28000";
    public static final String INVALID_CATALOG_NAME = "3D000";
    public static final String INSUFFICIENT_PRIVILEGE = "42501";
    public static final String INDETERMINATE_DATATYPE = "42P18";
    public static final String UNDEFINED_TABLE = "42P01";
    public static final String UNDEFINED_OBJECT = "42704";
    public static final String FEATURE_NOT_SUPPORTED = "0A000";
    public static final String FOREIGN_KEY_VIOLATION = "23503";
    public static final String TOO_MANY_CONNECTIONS = "53300";
    public static final String OBJECT_IN_USE = "55006";
    public static final String LOCK_NOT_AVAILABLE = "55P03";
    public static final String QUERY_CANCELED = "57014";

    private static final Set<String> RETRYABLE_CLASSES = Set.of(
            "08", // the connection
            "53", // out of connections, memory, disk
            "58"); // the operating system below the server

    private static final Set<String> RETRYABLE = Set.of(
            "25P03", // idle in transaction for too long
            "25P04", // transaction for too long
            READ_ONLY_SQL_TRANSACTION, // after a failover the next connection finds the new primary
            "40001", // serialization failure
            "40003", // statement completion unknown
            "40P01", // deadlock
            OBJECT_IN_USE,
            LOCK_NOT_AVAILABLE,
            "57P01", // admin shutdown
            "57P02", // crash shutdown
            "57P03", // cannot connect now: starting up, shutting down, recovering
            "57P05"); // idle session for too long

    private static final Set<String> SESSION_ENDING = Set.of("57P01", "57P02", "57P03", "57P05", "25P03", "25P04");

    private SqlStates() {}

    /** Whether the same statement may succeed later without anyone changing anything. */
    public static boolean isRetryable(String state) {
        return RETRYABLE.contains(state) || (state.length() == 5 && RETRYABLE_CLASSES.contains(state.substring(0, 2)));
    }

    /** Whether a row met another one with the same value of a unique or exclusion constraint. */
    public static boolean isDuplicate(SQLException failure) {
        return "23505".equals(failure.getSQLState()) || "23P01".equals(failure.getSQLState());
    }

    /** Whether the connection is of no more use, or leads to a server that must not be used for this any more. */
    static boolean endsSession(String state) {
        return state.startsWith("08") || SESSION_ENDING.contains(state) || state.equals(READ_ONLY_SQL_TRANSACTION);
    }
}
