package io.watchkeeper.postgres;

import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * The server's process behind a session.
 *
 * @param started when it began, in seconds as the server prints them: numbers of processes come again
 * @param server the address it was reached at, as the server sees it; empty for none
 * @param serverStarted when the server began, in seconds
 */
record Backend(int pid, String started, String server, double serverStarted) {

    /** Columns for {@link #read}. */
    static final String COLUMNS = """
            pg_backend_pid(),
            (select extract(epoch from backend_start)::text from pg_stat_get_activity(pg_backend_pid())),
            coalesce(host(inet_server_addr()) || ' ' || inet_server_port(), ''),
            extract(epoch from pg_postmaster_start_time())::float8""";

    static final int COLUMN_COUNT = 4;

    /** @param first the number of the first column */
    static Backend read(ResultSet row, int first) throws SQLException {
        return new Backend(
                row.getInt(first), row.getString(first + 1), row.getString(first + 2), row.getDouble(first + 3));
    }

    /** Tells it from all others that a server ever had. */
    String id() {
        return pid + " " + started;
    }
}
