package io.watchkeeper.postgres;

import io.watchkeeper.problem.OperatorException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.core.BaseConnection;
import org.postgresql.util.HostSpec;

/**
 * A connection lent to one piece of work, in autocommit mode. Closing gives it back as it was: what is uncommitted is rolled
 * back, and every setting, lock, cursor and temporary table of the session goes.
 *
 * <p>When the work is told to stop, the running statement is cancelled on the server; where that has no effect, the
 * connection is cut.
 */
public final class Session implements AutoCloseable {

    public static final Duration DEFAULT_LOCK_TIMEOUT = Duration.ofSeconds(5);

    /** The engine stops a run at its deadline; the server does it this much later if the engine could not. */
    private static final Duration DEADLINE_GRACE = Duration.ofSeconds(2);

    private static final Duration IDLE_IN_TRANSACTION_TIMEOUT = Duration.ofMinutes(10);

    /** A request that arrives between two statements cancels neither, so it is sent again until the session is closed. */
    private static final int[] CANCEL_AGAIN_AFTER_MS = {250, 1_000, 4_000};

    private static final int CUT_AFTER_MS = 8_000;
    private static final int MAX_ROWS = 100_000;

    /** How long a pooled connection may take to be made ready for work, or to be left as it was. */
    private static final int BETWEEN_WORK_TIMEOUT_MS = 10_000;

    /** How long a rollback may take after another connection of the database was lost. */
    private static final int DOUBTFUL_TIMEOUT_MS = 4_000;

    private final Database database;
    private final Connection connection;
    private final @Nullable TappedSocket socket;
    private final HostSpec host;
    private final Backend backend;
    private final Work work;
    private final Runnable evict;
    private final Runnable giveBack;
    private final Work.Registration cancellation;
    private final long opened = System.nanoTime();
    private volatile boolean cancelled;
    private volatile boolean broken;

    /** Beyond being of no use to the next borrower: not even a rollback has a chance. */
    private volatile boolean gone;

    private volatile boolean closed;
    private volatile @Nullable String lost;

    Session(
            Database database,
            Connection connection,
            @Nullable TappedSocket socket,
            Work work,
            Runnable evict,
            Runnable giveBack)
            throws SQLException {
        this.database = database;
        this.connection = connection;
        this.socket = socket;
        this.host = connection.unwrap(BaseConnection.class).getQueryExecutor().getHostSpec();
        this.work = work;
        this.evict = evict;
        this.giveBack = giveBack;
        this.backend = configure();
        this.cancellation = work.onCancel(this::cancelStatement);
    }

    /** One statement, because each round trip may take 600 ms. */
    private Backend configure() throws SQLException {
        long deadline = work.timeLeft()
                .map(left -> Math.max(1, left.plus(DEADLINE_GRACE).toMillis()))
                .orElse(0L);
        // The safety net under dry runs: the server itself refuses changes.
        String readOnly = work.readOnly() ? ", set_config('default_transaction_read_only', 'on', false)" : "";
        connection.setNetworkTimeout(Runnable::run, BETWEEN_WORK_TIMEOUT_MS);
        try (PreparedStatement set = connection.prepareStatement("""
                select set_config('application_name', ?, false),
                       set_config('statement_timeout', ?, false),
                       set_config('lock_timeout', ?, false),
                       set_config('idle_in_transaction_session_timeout', ?, false),
                       -- It may have a turn to keep while another program works for long, as pg_dump.
                       set_config('idle_session_timeout', '0', false),
                       -- The server, too, must notice that the other end is gone, and end the statement and its locks.
                       set_config('client_connection_check_interval', '5s', false),
                       set_config('tcp_keepalives_idle', '10', false),
                       set_config('tcp_keepalives_interval', '5', false),
                       set_config('tcp_keepalives_count', '3', false),
                       set_config('tcp_user_timeout', '30s', false),
                       -- What waits for a lock and then looks must see what was committed meanwhile, whatever a database is set to.
                       set_config('default_transaction_isolation', 'read committed', false)""" + readOnly + ", " + Backend.COLUMNS)) {
            set.setString(1, work.applicationName());
            set.setString(2, Long.toString(Math.min(deadline, Integer.MAX_VALUE)));
            set.setString(3, Long.toString(DEFAULT_LOCK_TIMEOUT.toMillis()));
            set.setString(4, Long.toString(IDLE_IN_TRANSACTION_TIMEOUT.toMillis()));
            try (ResultSet row = set.executeQuery()) {
                row.next();
                connection.setNetworkTimeout(Runnable::run, 0);
                return Backend.read(row, row.getMetaData().getColumnCount() - Backend.COLUMN_COUNT + 1);
            }
        }
    }

    public Database database() {
        return database;
    }

    public Work work() {
        return work;
    }

    /** For what the methods here do not cover. Statements on it go through {@link #call}, or miss cancellation. */
    public Connection connection() {
        return connection;
    }

    /** Statements wait at most this long for a lock; zero waits for ever. Default 5 s. Holds until the session is closed. */
    public void lockTimeout(Duration timeout) throws SQLException {
        query("select set_config('lock_timeout', ?, false)", Long.toString(timeout.toMillis()));
    }

    /**
     * Runs one statement and reads all its rows.
     *
     * @param sql with {@code ?} for parameters
     * @return column name to value, in order; values are String, Number, Boolean, null, or List of these
     */
    public List<Map<String, @Nullable Object>> query(String sql, @Nullable Object... params) throws SQLException {
        return list(sql, RowValues::read, params);
    }

    /**
     * Runs one statement and reads each of its rows; of one that returns none, no rows are read.
     *
     * <p>No limit is sent to the server, because one would keep it from working in parallel.
     *
     * @throws OperatorException when there are more than {@value #MAX_ROWS} rows, or more bytes than memory should hold
     */
    public <T> List<T> list(String sql, RowReader<T> reader, @Nullable Object... params) throws SQLException {
        return call(() -> {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                Parameters.bind(statement, params);
                boolean rows = statement.execute();
                while (!rows && statement.getUpdateCount() >= 0) {
                    rows = statement.getMoreResults();
                }
                return rows ? read(statement.getResultSet(), reader) : List.of();
            }
        });
    }

    private <T> List<T> read(ResultSet rows, RowReader<T> reader) throws SQLException {
        List<T> result = new ArrayList<>();
        while (rows.next()) {
            if (result.size() == MAX_ROWS) {
                throw tooLarge(null);
            }
            result.add(reader.read(rows));
        }
        return result;
    }

    /** Runs one statement that always returns exactly one row, and reads it. */
    public <T> T one(String sql, RowReader<T> reader, @Nullable Object... params) throws SQLException {
        List<T> rows = list(sql, reader, params);
        if (rows.size() != 1) {
            throw new SQLException(rows.size() + " rows where one was expected: " + sql);
        }
        return rows.get(0);
    }

    /**
     * Runs one statement, or several separated by semicolons in one round trip.
     *
     * @return how many rows they changed
     */
    public long update(String sql, @Nullable Object... params) throws SQLException {
        return call(() -> {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                Parameters.bind(statement, params);
                long changed = 0;
                boolean rows = statement.execute();
                while (true) {
                    long count = rows ? 0 : statement.getLargeUpdateCount();
                    if (count < 0) {
                        return changed;
                    }
                    changed += count;
                    rows = statement.getMoreResults();
                }
            }
        });
    }

    /** As {@link #one}, for a statement without parameters: in it a question mark is an operator. */
    public <T> T oneVerbatim(String sql, RowReader<T> reader) throws SQLException {
        List<T> rows = listVerbatim(sql, reader);
        if (rows.size() != 1) {
            throw new SQLException(rows.size() + " rows where one was expected: " + sql);
        }
        return rows.get(0);
    }

    /** As {@link #list}, for a statement without parameters: in it a question mark is an operator. */
    public <T> List<T> listVerbatim(String sql, RowReader<T> reader) throws SQLException {
        return call(() -> {
            try (Statement statement = connection.createStatement()) {
                return read(statement.executeQuery(sql), reader);
            }
        });
    }

    /** Runs statements without parameters, separated by semicolons; in them a question mark is an operator. */
    public void runVerbatim(String sql) throws SQLException {
        call(() -> {
            try (Statement statement = connection.createStatement()) {
                return statement.execute(sql);
            }
        });
    }

    /** As {@link #runVerbatim}, for one statement. @return how many rows it changed */
    public long updateVerbatim(String sql) throws SQLException {
        return call(() -> {
            try (Statement statement = connection.createStatement()) {
                return statement.executeLargeUpdate(sql);
            }
        });
    }

    /**
     * Runs statements without parameters in one round trip; the first that fails ends it.
     *
     * @return of each that returns rows, those rows, in order
     */
    public <T> List<List<T>> lists(List<String> statements, RowReader<T> reader) throws SQLException {
        return call(() -> {
            List<List<T>> results = new ArrayList<>();
            try (Statement statement = connection.createStatement()) {
                boolean rows = statement.execute(String.join(";\n", statements));
                while (rows || statement.getUpdateCount() >= 0) {
                    if (rows) {
                        results.add(read(statement.getResultSet(), reader));
                    }
                    rows = statement.getMoreResults();
                }
            }
            return results;
        });
    }

    /** Begins to read what a {@code COPY … TO STDOUT} sends. */
    public CopyReader copyOut(String sql) throws SQLException {
        return CopyReader.open(this, socket == null ? null : socket.tap(), sql);
    }

    /** Begins a transaction when none is open. Nothing is sent before the first statement. */
    public void begin() throws SQLException {
        call(() -> {
            connection.setAutoCommit(false);
            return true;
        });
    }

    /** Commits and goes back to autocommit. */
    public void commit() throws SQLException {
        call(() -> {
            connection.commit();
            connection.setAutoCommit(true);
            return true;
        });
    }

    /** Rolls back and goes back to autocommit; a connection that cannot is not used again. */
    public void rollback() {
        if (gone) {
            return; // a driver whose COPY broke off would wait for its end
        }
        try {
            if (connection.getAutoCommit()) {
                return;
            }
            boolean doubtful = database.hasLostConnectionSince(opened);
            if (doubtful) {
                connection.setNetworkTimeout(Runnable::run, DOUBTFUL_TIMEOUT_MS);
            }
            connection.rollback();
            connection.setAutoCommit(true);
            if (doubtful) {
                connection.setNetworkTimeout(Runnable::run, 0);
            }
        } catch (SQLException e) {
            broken = true;
            gone = true;
            leaveBehind();
        }
    }

    /**
     * Does something with the connection as a part of the work: not at all once the work was told to stop, and a statement
     * that failed because of that fails as the work's cancellation.
     */
    public <T> T call(SqlCall<T> action) throws SQLException {
        throwIfCancelled();
        if (gone) {
            throw explained(new SQLException(
                    "the connection to database '" + database.name() + "' was lost", SqlStates.CONNECTION_FAILURE));
        }
        try {
            return action.run();
        } catch (SQLException e) {
            throwIfCancelled();
            noticeBrokenConnection(e);
            throw explained(e);
        }
    }

    private void throwIfCancelled() {
        work.throwIfCancelled();
        if (cancelled) {
            throw new WorkCancelledException("the work was told to stop");
        }
    }

    private void noticeBrokenConnection(SQLException e) {
        boolean asIntended = work.readOnly() && SqlStates.READ_ONLY_SQL_TRANSACTION.equals(e.getSQLState());
        if (e.getSQLState() != null && SqlStates.endsSession(e.getSQLState()) && !asIntended) {
            broken = true;
            if (e.getSQLState().startsWith("08")) {
                database.lostConnection();
                discard();
            }
            database.forgetConnections();
        }
    }

    /** The server may not know yet that this session is over, and keeps its locks. */
    private void leaveBehind() {
        if (socket != null) {
            database.leftBehind().add(backend, host);
        }
    }

    /** Null where the connection is not of this agent's making. */
    @Nullable
    TappedSocket socket() {
        return socket;
    }

    /** The host it leads to, of those the address names. */
    HostSpec host() {
        return host;
    }

    Backend backend() {
        return backend;
    }

    /** Whether somebody cannot go on before the server does something. */
    boolean isBlocked() {
        return socket != null && socket.traffic().isBlocked();
    }

    /** Ends it because its link is dead: whoever waits gets an error that says so. @param why in plain words */
    void cutOff(String why) {
        lost = why;
        database.watch().remove(this);
        cut();
    }

    /** Whether the next statement has a chance: nothing told the work to stop, and the connection is not known to be gone. */
    public boolean isUsable() {
        return !broken && !cancelled && !closed;
    }

    /** Whether the connection is known to be gone. */
    boolean isBroken() {
        return broken;
    }

    private OperatorException tooLarge(@Nullable SQLException cause) {
        return new OperatorException(
                "a query on database '" + database.name()
                        + "' returns more than 100,000 rows, or more than fits into memory",
                "let the server do the work (GROUP BY, LIMIT), or move rows with copyTable.",
                cause == null ? null : new IllegalStateException(cause.getMessage()));
    }

    private SQLException explained(SQLException e) {
        String why = lost;
        if (why != null) {
            // Without the driver's own failure as its cause, which only says that the socket was closed.
            SQLException told = new SQLException(why, SqlStates.CONNECTION_FAILURE);
            told.addSuppressed(e);
            return told;
        }
        if (String.valueOf(e.getMessage()).contains("maxResultBuffer")) {
            throw tooLarge(e);
        }
        if (SqlStates.INDETERMINATE_DATATYPE.equals(e.getSQLState())) {
            throw new OperatorException(
                    "PostgreSQL cannot tell the type of a parameter: " + e.getMessage(),
                    "write a cast after the ?, for example ?::text.",
                    e);
        }
        return e;
    }

    private void cancelStatement() {
        cancelled = true;
        // Before the first request, which itself may hang for seconds on a dead link.
        after(CUT_AFTER_MS, this::cut);
        for (int delay : CANCEL_AGAIN_AFTER_MS) {
            after(delay, this::sendCancel);
        }
        sendCancel();
    }

    private static void after(int milliseconds, Runnable action) {
        Executor own = command -> {
            Thread thread = new Thread(command, "watchkeeper-cancel");
            thread.setDaemon(true);
            thread.start();
        };
        CompletableFuture.delayedExecutor(milliseconds, TimeUnit.MILLISECONDS, own)
                .execute(action);
    }

    private void sendCancel() {
        if (closed) {
            return;
        }
        try {
            connection.unwrap(PGConnection.class).cancelQuery();
        } catch (SQLException e) {
            cut();
        }
    }

    /** The request to cancel does not get through, or does nothing: whoever waits for the server must not wait any longer. */
    private void cut() {
        if (closed) {
            return;
        }
        discard();
    }

    /** Nothing of it is waited for any more, by nobody. */
    private void discard() {
        broken = true;
        gone = true;
        leaveBehind();
        if (socket != null) {
            socket.cut();
        }
        try {
            connection.unwrap(Connection.class).abort(Runnable::run);
        } catch (SQLException e) {
            evict.run();
        }
    }

    @Override
    public void close() throws SQLException {
        if (closed) {
            return;
        }
        closed = true;
        cancellation.close();
        try {
            // After a cancel a request may still be on its way, and the next borrower must not receive it.
            boolean gone = cancelled || broken || isDoubtful() || !reset();
            if (gone) {
                evict.run();
            }
            closeConnection(gone);
        } finally {
            database.watch().remove(this);
            giveBack.run();
        }
    }

    /** What shared a link with a connection that was lost is not kept, so nothing is gained by waiting for its answers. */
    private boolean isDoubtful() {
        boolean doubtful = database.hasLostConnectionSince(opened);
        if (doubtful) {
            discard();
        }
        return doubtful;
    }

    private void closeConnection(boolean gone) throws SQLException {
        try {
            connection.close();
        } catch (SQLException | RuntimeException e) {
            // The pool, asked to forget the connection, may have done so already, and then it stumbles over that.
            if (!gone) {
                throw e;
            }
        }
    }

    /** Leaves nothing of this work to the next borrower. One round trip, two after an unfinished transaction. */
    private boolean reset() {
        try {
            connection.setNetworkTimeout(Runnable::run, BETWEEN_WORK_TIMEOUT_MS);
            if (!connection.getAutoCommit()) {
                connection.rollback();
                connection.setAutoCommit(true);
            }
            try (Statement statement = connection.createStatement()) {
                statement.execute("reset session authorization; reset all; close all; unlisten *;"
                        + " select pg_advisory_unlock_all(); discard sequences; discard temp");
            }
            connection.setNetworkTimeout(Runnable::run, 0);
            return true;
        } catch (SQLException e) {
            leaveBehind();
            return false;
        }
    }
}
