package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.DurationText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/**
 * A piece of the application's own work, done in the recovered cluster: the statements of a file, in one transaction. The last
 * statement reads; it passes when it returns rows, and a single boolean among them must be true.
 *
 * @param sql the file's text
 * @param keep whether the transaction is committed, which a line {@code -- watchkeeper: keep} of the file asks for
 */
public record SyntheticTransaction(Path file, String sql, boolean keep) {

    /** What document 004 allows before a server may serve again. */
    static final Duration LIMIT = Duration.ofMinutes(5);

    private static final long LARGEST = 1 << 20;

    /** @throws OperatorException when the file cannot be read or holds nothing */
    public static SyntheticTransaction read(Path file) {
        try {
            if (Files.size(file) > LARGEST) {
                throw new OperatorException(
                        "the synthetic transaction " + file + " is larger than 1 MB", "is this the right file?");
            }
            String text = Files.readString(file);
            if (text.replaceAll("(?m)--.*$", "").isBlank()) {
                throw new OperatorException(
                        "the synthetic transaction " + file + " holds no statement",
                        "write what the application does, and end with a select that reads it.");
            }
            return new SyntheticTransaction(
                    file, text, text.lines().anyMatch(line -> line.strip().equalsIgnoreCase("-- watchkeeper: keep")));
        } catch (IOException e) {
            throw new OperatorException(
                    "the synthetic transaction " + file + " cannot be read: " + Reason.of(e),
                    "a relative path is looked for beside the runbook's file.",
                    e);
        }
    }

    /**
     * Runs it.
     *
     * @return what was read
     * @throws OperatorException when it did not do what it should
     */
    String run(Connection connection) throws SQLException {
        return run(connection, LIMIT);
    }

    /** @param limit for all statements together */
    String run(Connection connection, Duration limit) throws SQLException {
        long began = System.nanoTime();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("set local statement_timeout = '" + limit.toMillis() + "ms'");
            String read = lastRow(statement);
            // The server's own limit is for each of them.
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            if (took.compareTo(limit) > 0) {
                throw new OperatorException(
                        file.getFileName() + " took " + DurationText.say(took) + ", the limit is "
                                + DurationText.say(limit),
                        null);
            }
            TransactionState state = connection.unwrap(BaseConnection.class).getTransactionState();
            if (state != TransactionState.OPEN) {
                throw new OperatorException(
                        file.getFileName() + " ends the transaction itself",
                        "leave begin, commit and rollback out; the line '-- watchkeeper: keep' keeps what it did.");
            }
            if (keep) {
                connection.commit();
            }
            return read + (keep ? ", kept in the sandbox" : ", rolled back");
        } finally {
            if (!connection.isClosed()) {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        }
    }

    private String lastRow(Statement statement) throws SQLException {
        boolean rows = statement.execute(sql);
        boolean read = false;
        String seen = "";
        while (rows || statement.getUpdateCount() >= 0) {
            if (rows) {
                try (ResultSet result = statement.getResultSet()) {
                    read = result.next();
                    seen = read ? result.getMetaData().getColumnLabel(1) + " = " + result.getString(1) : "";
                    boolean decides = result.getMetaData().getColumnCount() == 1
                            && result.getMetaData().getColumnTypeName(1).equals("bool");
                    if (read && decides && !result.getBoolean(1)) {
                        throw new OperatorException(file.getFileName() + ": " + seen, null);
                    }
                }
            } else {
                read = false;
            }
            rows = statement.getMoreResults();
        }
        if (!read) {
            throw new OperatorException(
                    file.getFileName() + " read no row at its end",
                    "its last statement must be a select that finds what the transaction wrote.");
        }
        return "read " + seen;
    }
}
