package io.watchkeeper.toolkit.failover;

import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.review.Review;
import io.watchkeeper.units.DurationText;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at synchronous_standby_names, and changes it in a way that stops no commit: only standbys that stream right now are named, a
 * commit is tried afterwards, and when it does not get through in time the setting is put back. The change is recorded before it is made
 * and forgotten when it has proven itself, so that one left behind by a crash is taken back by the next {@link #sweep}.
 */
public final class SynchronousStandbys {

    private static final Logger LOG = LoggerFactory.getLogger(SynchronousStandbys.class);
    private static final SystemSetting SETTING = new SystemSetting("synchronous_standby_names");
    private static final String TAKE_TURN =
            "select pg_try_advisory_lock(hashtext('watchkeeper'), hashtext('synchronous_standby_names'))";
    private static final Duration RELOAD_PATIENCE = Duration.ofSeconds(10);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

    private final Database database;
    private final FailoverProbe probe;
    private final Work work;
    private final Path state;

    /** @param state the agent's folder */
    public SynchronousStandbys(Database database, FailoverProbe probe, Work work, Path state) {
        this.database = database;
        this.probe = probe;
        this.work = work;
        this.state = state;
    }

    /** What is to be said of it as it is; changes nothing. */
    public Review advise() throws SQLException {
        new PrimaryCheck(probe, work).require(database);
        try (Session session = database.open(work)) {
            return SynchronousAdvice.of(database.name(), session);
        }
    }

    /** What {@link #set} would do. */
    public List<PlannedAction> describe(SynchronousNames wanted, Duration within) throws SQLException {
        try (Session session = database.open(work)) {
            requireStreaming(wanted, ConnectedStandby.of(session));
            String now = effective(session);
            if (now.equals(wanted.toString())) {
                return List.of();
            }
            return List.of(new PlannedAction(
                    database.name(),
                    "ALTER SYSTEM SET synchronous_standby_names = '" + wanted + "'",
                    LockLevel.NONE,
                    -1,
                    -1,
                    "now '" + now + "'; put back unless a commit gets through within " + DurationText.say(within)));
        }
    }

    /**
     * Changes it, unless it is so already.
     *
     * @param within how long a commit may take to get through afterwards
     * @return what is to be said of it then
     * @throws OperatorException when a standby named is not streaming, or commits did not get through; the setting is as it was then
     */
    public Review set(SynchronousNames wanted, Duration within) throws SQLException {
        probe.refuse(database, ManagedAction.SYNCHRONOUS_STANDBYS);
        new PrimaryCheck(probe, work).require(database);
        if (database.settings().maxConnections() < 2) {
            throw new OperatorException(
                    "trying a commit needs two connections, and database '" + database.name() + "' may have one",
                    "raise databases." + database.name() + ".maxConnections.");
        }
        LockFile lock = SynchronousRecord.lock(state, database.name()).orElseThrow(this::busy);
        try {
            sweepOne();
            return setAlone(wanted, within);
        } finally {
            lock.close();
        }
    }

    private Review setAlone(SynchronousNames wanted, Duration within) throws SQLException {
        try (Session session = database.open(work)) {
            if (!session.one(TAKE_TURN, row -> row.getBoolean(1))) {
                throw busy();
            }
            requireStreaming(wanted, ConnectedStandby.of(session));
            if (!effective(session).equals(wanted.toString())) {
                change(session, wanted, within);
            }
            return SynchronousAdvice.of(database.name(), session);
        }
    }

    private OperatorException busy() {
        return new OperatorException(
                "another run or agent is changing synchronous_standby_names of database '" + database.name()
                        + "' right now",
                "try again when it is done.");
    }

    private void requireStreaming(SynchronousNames wanted, List<ConnectedStandby> connected) {
        List<String> streaming = connected.stream()
                .filter(ConnectedStandby::isStreaming)
                .map(ConnectedStandby::name)
                .toList();
        List<String> missing = wanted.names().stream()
                .filter(name -> !name.equals("*"))
                .filter(name -> streaming.stream().noneMatch(name::equalsIgnoreCase))
                .toList();
        if (!missing.isEmpty()) {
            throw new OperatorException(
                    String.join(", ", missing) + (missing.size() == 1 ? " does" : " do") + " not stream from database '"
                            + database.name() + "' right now, so commits could come to wait for nobody",
                    streaming.isEmpty()
                            ? "no standby is streaming."
                            : "streaming: " + streaming.stream().distinct().collect(Collectors.joining(", ")) + ".");
        }
        if (streaming.stream().filter(wanted::means).count() < wanted.count()) {
            throw new OperatorException(
                    "fewer than " + wanted.count() + " standbys stream from database '" + database.name() + "'",
                    "wait for fewer, or bring back those that are away.");
        }
    }

    private void change(Session session, SynchronousNames wanted, Duration within) throws SQLException {
        SynchronousRecord record =
                SynchronousRecord.of(state, database.name(), SETTING.read(session), wanted.toString());
        record.write();
        boolean proven = false;
        try {
            SETTING.write(session, record.after());
            awaitEffective(session, wanted);
            new CommitProbe(database, work).require(session, within);
            proven = true;
        } finally {
            if (!proven) {
                // In a session of its own: this work may have been told to stop.
                revert(record);
            }
        }
        record.delete();
        LOG.info("synchronous_standby_names of {} is now '{}'", database.name(), wanted);
    }

    private void awaitEffective(Session session, SynchronousNames wanted) throws SQLException {
        long until = System.nanoTime() + RELOAD_PATIENCE.toNanos();
        while (!effective(session).equals(wanted.toString())) {
            if (System.nanoTime() > until) {
                throw new OperatorException(
                        "synchronous_standby_names of database '" + database.name() + "' stayed '" + effective(session)
                                + "' after ALTER SYSTEM",
                        "it is given on the server's command line, or the server could not read its files: see its log.");
            }
            Pause.of(LOOK_AGAIN, work);
        }
    }

    private static String effective(Session session) throws SQLException {
        return session.one("select current_setting('synchronous_standby_names')", row -> row.getString(1));
    }

    private void revert(SynchronousRecord record) throws SQLException {
        try (Session session = database.open(Work.unattended("watchkeeper synchronous standbys"))) {
            takeBack(session, record);
        }
    }

    /** What a person has written since then stays. */
    private static void takeBack(Session session, SynchronousRecord record) throws SQLException {
        @Nullable String now = SETTING.read(session);
        if (Objects.equals(now, record.after())) {
            SETTING.write(session, record.before());
            LOG.warn(
                    "synchronous_standby_names of {} put back to '{}': '{}' was not seen to work",
                    record.database(),
                    record.before() == null ? "" : record.before(),
                    record.after());
        } else if (!Objects.equals(now, record.before())) {
            LOG.warn(
                    "synchronous_standby_names of {} was changed by somebody else meanwhile; left as it is",
                    record.database());
        }
        record.delete();
    }

    /** What an earlier change of this database left behind. */
    private void sweepOne() throws SQLException {
        Optional<SynchronousRecord> left = SynchronousRecord.find(state, database.name());
        if (left.isPresent()) {
            revert(left.get());
        }
    }

    /**
     * Takes back changes whose agent died before they had proven themselves. Never fails: a server that is away keeps its record.
     *
     * @param state the agent's folder
     * @param databases the configured ones, by name
     */
    public static void sweep(Path state, Function<String, Database> databases) {
        try {
            for (SynchronousRecord record : SynchronousRecord.all(state)) {
                try {
                    sweep(state, databases.apply(record.database()));
                } catch (SQLException | RuntimeException e) {
                    LOG.warn("a change of {} cannot be taken back yet: {}", record.file(), e.toString());
                }
            }
        } catch (RuntimeException e) {
            LOG.warn("{}", e.toString());
        }
    }

    private static void sweep(Path state, Database database) throws SQLException {
        Optional<LockFile> lock = SynchronousRecord.lock(state, database.name());
        if (lock.isEmpty()) {
            return; // Somebody is at it, and not done.
        }
        try {
            // Read again: whoever held the lock may have seen the change work.
            Optional<SynchronousRecord> left = SynchronousRecord.find(state, database.name());
            if (left.isPresent()) {
                try (Session session = database.open(Work.unattended("watchkeeper synchronous standbys"))) {
                    takeBack(session, left.get());
                }
            }
        } finally {
            lock.get().close();
        }
    }
}
