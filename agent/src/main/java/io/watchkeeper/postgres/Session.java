package io.watchkeeper.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;

/** A connection lent to one piece of work. Closing gives it back as it was. */
public final class Session implements AutoCloseable {

    private final Database database;
    private final Connection connection;
    private final Runnable evict;
    private final Work.Registration cancellation;
    private final boolean readOnly;
    private volatile boolean cancelled;

    Session(Database database, Connection connection, Work work, Runnable evict) throws SQLException {
        this.database = database;
        this.connection = connection;
        this.evict = evict;
        this.readOnly = work.readOnly();
        this.cancellation = work.onCancel(this::cancelStatement);
        try (PreparedStatement set = connection.prepareStatement("select set_config('application_name', ?, false)")) {
            set.setString(1, work.applicationName());
            set.execute();
        }
        if (readOnly) {
            try (Statement set = connection.createStatement()) {
                set.execute("set default_transaction_read_only = on");
            }
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
        } else if (readOnly) {
            allowChangesAgain();
        }
        connection.close();
    }

    private void allowChangesAgain() {
        try (Statement reset = connection.createStatement()) {
            reset.execute("reset default_transaction_read_only");
        } catch (SQLException e) {
            // Broken or in a failed transaction: the next borrower gets another connection.
            evict.run();
        }
    }
}
