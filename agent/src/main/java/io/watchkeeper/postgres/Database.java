package io.watchkeeper.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import com.zaxxer.hikari.SQLExceptionOverride;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.DurationText;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;

/** One configured database and its pool. The first {@link #open} connects, so a server may come up later than the agent. */
public final class Database implements AutoCloseable {

    private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(1);

    /** Work waits this long for another piece of work to give a connection back. */
    static final Duration QUEUE_TIMEOUT = Duration.ofMinutes(10);

    /** Whoever waits for a turn asks this often whether its work was told to stop. */
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final DatabaseSettings settings;

    /**
     * Waiting for a turn and waiting for the server are different things: the first may take minutes, the second must fail in
     * seconds. The pool knows one timeout only, so turns are taken here.
     */
    private final Semaphore turns;

    /** The same over all processes of this host; null where they do not know of each other. */
    private final @Nullable HostSlots hostSlots;

    private final LinkLimits limits;
    private final ConnectionSource connections;
    private final LinkWatch watch;
    private final LeftBehind leftBehind = new LeftBehind();
    private volatile long lastLoss;
    private volatile boolean hasLost;
    private @Nullable HikariDataSource pool;

    Database(DatabaseSettings settings) {
        this(settings, null);
    }

    Database(DatabaseSettings settings, @Nullable HostSlots hostSlots) {
        this(settings, hostSlots, LinkLimits.USUAL);
    }

    Database(DatabaseSettings settings, @Nullable HostSlots hostSlots, LinkLimits limits) {
        this.settings = settings;
        this.hostSlots = hostSlots;
        this.limits = limits;
        this.connections = new ConnectionSource(settings, limits);
        this.watch = new LinkWatch(settings, connections, limits);
        this.turns = new Semaphore(settings.maxConnections(), true);
    }

    public String name() {
        return settings.name();
    }

    public DatabaseSettings settings() {
        return settings;
    }

    /** How the pool is used right now; opens nothing. */
    public PoolFigures poolFigures() {
        HikariDataSource source;
        synchronized (this) {
            source = pool;
        }
        HikariPoolMXBean state = source == null ? null : source.getHikariPoolMXBean();
        int waitingForHost = hostSlots == null ? 0 : hostSlots.waiting();
        return new PoolFigures(
                name(),
                Math.max(0, settings.maxConnections() - turns.availablePermits() - waitingForHost),
                state == null ? 0 : state.getIdleConnections(),
                turns.getQueueLength() + waitingForHost,
                settings.maxConnections());
    }

    /**
     * A session for the work: it carries the work's name, its statements end at the work's deadline, and it is cancelled on
     * the server when the work is. Waits for a free connection of the pool.
     *
     * @throws OperatorException when the server cannot be reached or refuses the login, within seconds
     * @throws WorkCancelledException when the work is told to stop while it waits
     */
    public Session open(Work work) throws SQLException {
        // A cancelled run's thread stays interrupted while it tidies up, with work that nobody cancelled: that may wait
        // here.
        boolean interrupted = Thread.interrupted();
        try {
            if (!takeTurn(work, QUEUE_TIMEOUT)) {
                throw allInUse();
            }
            return openInTurn(work);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** As {@link #open}. @return empty when no connection was free for so long */
    public Optional<Session> tryOpen(Work work, Duration patience) throws SQLException {
        return takeTurn(work, patience) ? Optional.of(openInTurn(work)) : Optional.empty();
    }

    /** A session for a turn that was taken before. It goes back with the session, or at once when there is none. */
    Session openInTurn(Work work) throws SQLException {
        boolean lent = false;
        try {
            Session session = firstUsableSession(work);
            lent = true;
            return session;
        } finally {
            if (!lent) {
                giveTurnBack();
            }
        }
    }

    private Session firstUsableSession(Work work) throws SQLException {
        try {
            return session(work);
        } catch (SQLException e) {
            // A pooled connection may have died with its server or link, and then its siblings have too.
            work.throwIfCancelled();
            forgetConnections();
            return session(work);
        }
    }

    private Session session(Work work) throws SQLException {
        HikariDataSource source = pool();
        Connection connection = connect(source, work);
        try {
            Session session = new Session(
                    this,
                    connection,
                    connections.socket(connection.unwrap(PgConnection.class)),
                    work,
                    () -> source.evictConnection(connection),
                    this::giveTurnBack);
            watch.add(session);
            leftBehind.end(session);
            return session;
        } catch (SQLException | RuntimeException e) {
            source.evictConnection(connection);
            throw e;
        }
    }

    /**
     * Takes the right to one more connection.
     *
     * @return false when there was none to be had for so long
     * @throws WorkCancelledException when the work is told to stop meanwhile
     */
    boolean takeTurn(Work work, Duration patience) {
        long waitUntil = System.nanoTime() + patience.toNanos();
        try {
            return takeTurnOfProcess(work, waitUntil) && takeTurnOfHost(work, waitUntil);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WorkCancelledException("interrupted while waiting for a connection to database '" + name() + "'");
        }
    }

    private boolean takeTurnOfProcess(Work work, long waitUntil) throws InterruptedException {
        do {
            work.throwIfCancelled();
            long left = Math.max(0, waitUntil - System.nanoTime());
            if (turns.tryAcquire(Math.min(left, LOOK_AGAIN_NANOS), TimeUnit.NANOSECONDS)) {
                return true;
            }
        } while (System.nanoTime() < waitUntil);
        return false;
    }

    /** The connections themselves; whoever makes one beside the pool takes a turn for it. */
    ConnectionSource connections() {
        return connections;
    }

    /** Gives the turn of this process up when there is none of the host. */
    private boolean takeTurnOfHost(Work work, long waitUntil) throws InterruptedException {
        boolean taken = false;
        try {
            taken = hostSlots == null || hostSlots.take(work, waitUntil);
            return taken;
        } finally {
            if (!taken) {
                turns.release();
            }
        }
    }

    void giveTurnBack() {
        if (hostSlots != null) {
            hostSlots.giveBack();
        }
        turns.release();
    }

    /** Nobody gave a connection back. */
    public OperatorException allInUse() {
        int own = hostSlots == null ? settings.maxConnections() : hostSlots.taken();
        String message = "all " + settings.maxConnections() + " connections of database '" + name()
                + "' were in use for " + DurationText.say(QUEUE_TIMEOUT);
        if (own < settings.maxConnections()) {
            message += ", " + own + " of them by this process and the rest by others with the same state directory";
        }
        return new OperatorException(
                message,
                "raise databases." + name() + ".maxConnections, which counts for the agent and the commands beside it"
                        + " together, or let fewer runbooks run at once.");
    }

    private Connection connect(HikariDataSource source, Work work) {
        try {
            HikariPoolMXBean state = source.getHikariPoolMXBean();
            boolean full = state != null && state.getTotalConnections() >= settings.maxConnections();
            if (!full && (state == null || state.getIdleConnections() == 0)) {
                connections.connectAhead();
            }
            return source.getConnection();
        } catch (SQLException e) {
            work.throwIfCancelled();
            throw ConnectionFailure.explain(settings, e);
        }
    }

    /**
     * Lets go of every pooled connection, those in use once they are given back. After a failover the next one asks all hosts
     * of the address again which of them is the primary.
     */
    void forgetConnections() {
        HikariDataSource source;
        synchronized (this) {
            source = pool;
        }
        if (source != null && source.getHikariPoolMXBean() != null) {
            source.getHikariPoolMXBean().softEvictConnections();
        }
    }

    void lostConnection() {
        lastLoss = System.nanoTime();
        hasLost = true;
    }

    /** Whether the link broke since then, so that others that were open are probably gone, too. */
    boolean hasLostConnectionSince(long nanos) {
        return hasLost && lastLoss - nanos > 0;
    }

    LinkWatch watch() {
        return watch;
    }

    LeftBehind leftBehind() {
        return leftBehind;
    }

    private synchronized HikariDataSource pool() {
        if (pool == null) {
            pool = new HikariDataSource(poolConfig());
        }
        return pool;
    }

    private HikariConfig poolConfig() {
        HikariConfig config = new HikariConfig();
        config.setPoolName(settings.name());
        config.setDataSource(connections);
        config.setMaximumPoolSize(settings.maxConnections());
        config.setMinimumIdle(0);
        config.setIdleTimeout(IDLE_TIMEOUT.toMillis());
        config.setConnectionTimeout(limits.connect().toMillis());
        config.setInitializationFailTimeout(-1);
        config.setExceptionOverride(new ForgetAfterFailure());
        return config;
    }

    @Override
    public synchronized void close() {
        if (pool != null) {
            pool.close();
            pool = null;
        }
        connections.closeReady();
        watch.close();
        if (hostSlots != null) {
            hostSlots.close();
        }
    }

    /** Told of every failure of a statement: a connection that is gone says so for the others too. */
    private final class ForgetAfterFailure implements SQLExceptionOverride {
        @java.lang.Override
        public SQLExceptionOverride.Override adjudicate(SQLException failure) {
            String state = failure.getSQLState();
            if (state == null) {
                return SQLExceptionOverride.Override.CONTINUE_EVICT;
            }
            if (SqlStates.endsSession(state) && !state.equals(SqlStates.READ_ONLY_SQL_TRANSACTION)) {
                forgetConnections();
                return SQLExceptionOverride.Override.MUST_EVICT;
            }
            // A refused write is the session's to judge: it may have been meant to be refused. And the pool itself
            // would drop
            // a connection for a mere "feature not supported".
            return SQLExceptionOverride.Override.DO_NOT_EVICT;
        }
    }
}
