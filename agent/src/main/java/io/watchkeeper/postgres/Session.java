package io.watchkeeper.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.postgresql.PGConnection;

/** A connection lent to one piece of work. Closing gives it back as it was. */
public final class Session implements AutoCloseable {

    private final Database database;
    private final Connection connection;
    private final Runnable evict;
    private final Work.Registration cancellation;
    private volatile boolean cancelled;

    Session(Database database, Connection connection, Work work, Runnable evict) throws SQLException {
        this.database = database;
        this.connection = connection;
        this.evict = evict;
        this.cancellation = work.onCancel(this::cancelStatement);
        try (PreparedStatement set = connection.prepareStatement("select set_config('application_name', ?, false)")) {
            set.setString(1, work.applicationName());
            set.execute();
        }
    }

    public Database database() {
        return database;
    }

    public Connection connection() {
        return connection;
    }

    private void cancelStatement() {
        cancelled = true;
        try {
            connection.unwrap(PGConnection.class).cancelQuery();
        } catch (SQLException e) {
            // The connection is gone already, and its statement with it.
            evict.run();
        }
    }

    @Override
    public void close() throws SQLException {
        cancellation.close();
        if (cancelled) {
            // A cancel request may still be on its way; the next borrower must not receive it.
            evict.run();
        }
        connection.close();
    }
}
