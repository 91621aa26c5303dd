package io.watchkeeper.engine;

import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.BriefLook;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.ServerLoad;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.DurationText;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the servers whose databases this process works on, or wants to, and tells all processes of the host which of them are
 * strained. One look is not enough for it, nor for the opposite: a server is busy for a moment now and then.
 */
final class StrainWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StrainWatch.class);

    /** Work that is over by then is never looked at. */
    private static final Duration FIRST_LOOK = Duration.ofSeconds(5);

    /** A pool whose connections are all in use is looked at another time. */
    private static final Duration PATIENCE = Duration.ofMillis(100);

    private static final Duration LONGEST_LOOK = Duration.ofSeconds(5);

    /**
     * After so many looks in a row that got no connection nothing is known any more: the pool may be full of runs that wait because of the
     * strain, and would wait for ever.
     */
    private static final int MOST_MISSES = 3;

    private final DatabasePools databases;
    private final HeavyFolder folder;
    private final HeavyLimits limits;
    private final Supplier<Set<String>> names;
    private final Clock clock;

    /** Guarded by this, as the rest. */
    private final Map<String, Seen> seen = new HashMap<>();

    private final Set<String> toldOfRights = new HashSet<>();
    private @Nullable ScheduledThreadPoolExecutor thread;
    private boolean closed;

    /** What is known of one database. */
    private static final class Seen {
        private boolean wasOver;
        private boolean looked;
        private int misses;
        private @Nullable LockFile mark;
    }

    /** @param names of the databases that this process works on or waits for */
    StrainWatch(
            DatabasePools databases, HeavyFolder folder, HeavyLimits limits, Supplier<Set<String>> names, Clock clock) {
        this.databases = databases;
        this.folder = folder;
        this.limits = limits;
        this.names = names;
        this.clock = clock;
    }

    /** Looks from now on, as long as there is something to look at. */
    synchronized void begin() {
        if (thread == null && !closed) {
            Duration every = limits.lookEvery();
            Duration first = every.compareTo(FIRST_LOOK) < 0 ? every : FIRST_LOOK;
            thread = new ScheduledThreadPoolExecutor(1, task -> {
                Thread made = new Thread(task, "heavy work");
                made.setDaemon(true);
                return made;
            });
            var unused = thread.scheduleWithFixedDelay(
                    this::look, first.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void look() {
        try {
            Set<String> now = names.get();
            forgetAllBut(now);
            now.forEach(this::look);
        } catch (RuntimeException e) {
            LOG.debug("a look at how busy servers are failed", e);
        }
    }

    /** Looks at these now. A server that cannot be asked is not strained as far as anybody knows. */
    void lookNow(Collection<String> databases) {
        databases.forEach(this::look);
    }

    private void look(String name) {
        try {
            Database database = databases.database(name);
            Optional<Session> session =
                    database.tryOpen(new BriefLook("watchkeeper heavy work", LONGEST_LOOK), PATIENCE);
            if (session.isPresent()) {
                try (Session open = session.get()) {
                    judge(database, ServerLoad.read(open));
                }
            } else {
                missed(name);
            }
        } catch (SQLException | OperatorException e) {
            LOG.debug("how busy {} is cannot be seen", name, e);
            notStrained(name);
        }
    }

    private synchronized void judge(Database database, ServerLoad load) {
        String name = database.name();
        if (load.hidden() > 0 && toldOfRights.add(name)) {
            LOG.info(
                    "{} sessions of database '{}' are hidden from role '{}' and do not count as busy: GRANT pg_monitor TO {};",
                    load.hidden(),
                    name,
                    database.settings().user(),
                    Identifiers.quote(database.settings().user()));
        }
        Seen state = seen.computeIfAbsent(name, any -> new Seen());
        state.misses = 0;
        Strain strain = strainOf(name, load);
        boolean isOver = strain != null;
        if (state.looked && state.wasOver != isOver) {
            // Let the next look decide.
            state.wasOver = isOver;
            return;
        }
        state.looked = true;
        state.wasOver = isOver;
        if (strain != null && state.mark == null) {
            state.mark = folder.strain(strain).orElse(null);
        } else if (strain == null) {
            release(state);
        }
    }

    private @Nullable Strain strainOf(String name, ServerLoad load) {
        Duration lag = load.lag();
        if (lag != null && lag.compareTo(limits.maxLag()) > 0) {
            return new Strain(
                    Strain.Kind.LAG,
                    name,
                    "replica '" + load.replica() + "' of '" + name + "' is " + DurationText.say(lag) + " behind (limit "
                            + DurationText.say(limits.maxLag()) + ")",
                    clock.instant());
        }
        if (load.active() > limits.maxActive()) {
            return new Strain(
                    Strain.Kind.LOAD,
                    name,
                    load.active() + " sessions keep '" + name + "' busy (limit " + limits.maxActive() + ")",
                    clock.instant());
        }
        return null;
    }

    private synchronized void missed(String name) {
        Seen state = seen.get(name);
        if (state != null && ++state.misses >= MOST_MISSES) {
            LOG.debug("how busy {} is could not be seen {} times", name, state.misses);
            notStrained(name);
        }
    }

    private synchronized void notStrained(String name) {
        Seen state = seen.remove(name);
        if (state != null) {
            release(state);
        }
    }

    private synchronized void forgetAllBut(Set<String> names) {
        Set<String> gone = new HashSet<>(seen.keySet());
        gone.removeAll(names);
        gone.forEach(this::notStrained);
    }

    private static void release(Seen state) {
        if (state.mark != null) {
            state.mark.close();
            state.mark = null;
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (thread != null) {
            thread.shutdownNow();
            thread = null;
        }
        seen.values().forEach(StrainWatch::release);
        seen.clear();
    }
}
