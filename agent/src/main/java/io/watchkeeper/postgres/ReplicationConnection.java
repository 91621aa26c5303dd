package io.watchkeeper.postgres;

import io.watchkeeper.problem.OperatorException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.postgresql.PGConnection;

/**
 * A connection on which the server takes replication commands. It is one of the database's connections, and is cut off when the
 * work is told to stop.
 */
public final class ReplicationConnection implements AutoCloseable {

    private final Database database;
    private final Connection connection;
    private final Work work;
    private final Work.Registration cancellation;
    private boolean closed;

    /**
     * A slot just made.
     *
     * @param consistentPoint whoever reads the slot gets every transaction that commits after this, and none before
     * @param snapshot the name under which other sessions see the rows as they were there, as long as the connection is open and
     *     nothing else is done on it
     */
    public record ExportedSlot(String name, Lsn consistentPoint, String snapshot) {}

    private ReplicationConnection(Database database, Connection connection, Work work) {
        this.database = database;
        this.connection = connection;
        this.work = work;
        this.cancellation = work.onCancel(this::cancel);
    }

    /**
     * Waits for one of the database's connections to be free.
     *
     * @throws OperatorException when the server cannot be reached, or does not let the role replicate
     */
    public static ReplicationConnection open(Database database, Work work) throws SQLException {
        if (!database.takeTurn(work, Database.QUEUE_TIMEOUT)) {
            throw database.allInUse();
        }
        boolean opened = false;
        try {
            ReplicationConnection made = new ReplicationConnection(
                    database, database.connections().connectForReplication(work.applicationName()), work);
            opened = true;
            return made;
        } catch (SQLException e) {
            work.throwIfCancelled();
            throw ConnectionFailure.explain(database.settings(), e);
        } finally {
            if (!opened) {
                database.giveTurnBack();
            }
        }
    }

    /**
     * Makes a logical slot and lets others see the rows as they are at its beginning. Waits for every transaction that was
     * writing when it was asked for.
     *
     * @param patience how long it may wait, in whole seconds
     * @throws SQLException among others 57014 when it had to wait for longer
     */
    public ExportedSlot createSlot(String name, String plugin, Duration patience) throws SQLException {
        work.throwIfCancelled();
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout((int) Math.max(1, patience.toSeconds()));
            try (ResultSet row = statement.executeQuery(
                    "CREATE_REPLICATION_SLOT " + quoted(name) + " LOGICAL " + quoted(plugin) + " EXPORT_SNAPSHOT")) {
                row.next();
                return new ExportedSlot(
                        row.getString("slot_name"),
                        Lsn.parse(row.getString("consistent_point")).orElseThrow(),
                        row.getString("snapshot_name"));
            }
        } catch (SQLException e) {
            work.throwIfCancelled();
            throw e;
        }
    }

    /** The text of a timeline's history file; the server has one of every timeline but the first. */
    public String timelineHistory(long timeline) throws SQLException {
        work.throwIfCancelled();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("TIMELINE_HISTORY " + timeline)) {
            row.next();
            // Before PostgreSQL 15 the column says that it is bytea, and holds the text all the same.
            return row.getString("content");
        } catch (SQLException e) {
            work.throwIfCancelled();
            throw e;
        }
    }

    /** The replication grammar wants quotes around whatever may be one of its keywords. */
    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    private void cancel() {
        try {
            connection.unwrap(PGConnection.class).cancelQuery();
        } catch (SQLException e) {
            // Cut below, which the server notices too, later.
        }
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            // It is gone already.
        }
    }

    /** Ends the connection, and with it the snapshot. */
    @Override
    public void close() throws SQLException {
        if (closed) {
            return;
        }
        closed = true;
        cancellation.close();
        try {
            connection.close();
        } finally {
            database.giveTurnBack();
        }
    }
}
