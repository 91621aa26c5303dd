package io.watchkeeper.schedule;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.units.DurationText;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This agent as one of a cluster: agents that share a database, and runbooks of which each due run is done by exactly one of
 * them. Quartz's clustered job store offers a fire time to one agent; a row of the database lets one through; a check-in tells the
 * others that this agent lives.
 *
 * <p>The database may be away, also at the start: the cluster's runbooks wait for it, and nothing else does. An agent that cannot
 * check in stops its runs of the cluster before the others take it for dead.
 */
public final class Cluster implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);

    /** Clocks that differ by more are worth a word. */
    private static final Duration TOLERABLE = Duration.ofSeconds(2);

    private static final Duration KEEP_RUNS = Duration.ofDays(90);
    private static final Duration SWEEP_EVERY = Duration.ofHours(1);
    private static final int WATCH_EVERY_MS = 250;

    /** What the parts of a cluster share. */
    record Parts(
            ClusterSettings settings, String agent, ClusterRecords records, ClusterClock clock, LongSupplier nanos) {}

    private final ClusterSettings settings;
    private final Clock hostClock;
    private final String agent;
    private final DatabasePools databases;
    private final Parts parts;
    private final ClusterLease lease;
    private final Thread checkIns = new Thread(this::checkInUntilClosed, "cluster-check-in");
    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "cluster-lease");
        thread.setDaemon(true);
        return thread;
    });

    private volatile Set<String> paused = Set.of();
    private volatile @Nullable String trouble;
    private volatile @Nullable String clockWarning;
    private volatile Duration clockAhead = Duration.ZERO;
    private volatile boolean firing;
    private volatile @Nullable ClusterRuns runs;

    /** Guarded by this: whether somebody wants the next look at once, and whether there is to be none. */
    private boolean wanted;

    private boolean closed;

    /** Of the check-in's thread alone. */
    private boolean migrated;

    private @Nullable Duration sweptAt;
    private @Nullable ClusterTimer timer;
    private @Nullable ClusterPlan plan;
    private @Nullable RunbookRegistry registry;
    private Consumer<Duration> onLateness = late -> {};

    /** Connects to nothing yet. @param clock of this host, compared with the database's and otherwise not used */
    public Cluster(ClusterSettings settings, Clock clock) {
        this.settings = settings;
        this.hostClock = clock;
        this.agent = settings.host() + "-" + HexFormat.of().formatHex(random());
        this.databases = new DatabasePools(List.of(settings.database()));
        this.parts = new Parts(
                settings,
                agent,
                new ClusterRecords(databases.database(settings.database().name())),
                new ClusterClock(System::nanoTime),
                System::nanoTime);
        this.lease = new ClusterLease(settings.lease(), System::nanoTime);
        checkIns.setDaemon(true);
    }

    /** A restarted agent is another one: what its predecessor ran is not its own. */
    private static byte[] random() {
        byte[] bytes = new byte[4];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }

    /** Checks in from now on, and takes part in what the registry holds of the cluster; returns at once. */
    void begin(RunbookRegistry runbooks, RunStarter starter, Consumer<Duration> lateness) {
        registry = runbooks;
        onLateness = lateness;
        runs = new ClusterRuns(agent, parts.records(), starter, this::lookAtOnce);
        firing = true;
        runbooks.onSwap((before, after) -> lookAtOnce());
        checkIns.start();
        var unused =
                watch.scheduleWithFixedDelay(this::watchLease, WATCH_EVERY_MS, WATCH_EVERY_MS, TimeUnit.MILLISECONDS);
    }

    /** Takes no fire times any more. Runs that have begun are told to the others until {@link #close}. */
    void end() {
        firing = false;
        lookAtOnce();
    }

    /** As of the last look at the database; false before the first. */
    boolean isPaused(String runbook) {
        return paused.contains(runbook);
    }

    /** For all agents. @throws OperatorException when the database cannot be used */
    void setPaused(String runbook, boolean pause) {
        if (trouble().isPresent()) {
            throw unreachable(runbook, trouble().get());
        }
        try {
            parts.records().setPaused(runbook, pause);
        } catch (OperatorException e) {
            throw unreachable(runbook, String.valueOf(e.getMessage()));
        }
        Set<String> now = new HashSet<>(paused);
        if (pause) {
            now.add(runbook);
        } else {
            now.remove(runbook);
        }
        paused = Set.copyOf(now);
        lookAtOnce();
    }

    private OperatorException unreachable(String runbook, String why) {
        return new OperatorException(
                "'" + runbook + "' belongs to the cluster, and its pause is kept in database '"
                        + settings.database().name() + "', which cannot be used: " + why,
                "try again when the database is back; until then no agent of the cluster starts it.");
    }

    /** Why the cluster cannot be used now; empty when it can. */
    public Optional<String> trouble() {
        return Optional.ofNullable(trouble);
    }

    /** That this host's clock and the database's differ; empty when they do not. */
    public Optional<String> clockWarning() {
        return Optional.ofNullable(clockWarning);
    }

    /** The cluster's runs, newest first. @param runbook null for all. @throws OperatorException when the database is away */
    public List<ClusterRun> runs(@Nullable String runbook, int most) {
        return parts.records().runs(runbook, most);
    }

    /** The agents of the cluster. @throws OperatorException when the database is away */
    public List<ClusterMember> members() {
        return parts.records().members(settings.takeOver());
    }

    private void checkInUntilClosed() {
        while (true) {
            try {
                checkIn();
                isBack();
            } catch (OperatorException e) {
                isAway(e);
            } catch (RuntimeException e) {
                isAway(new OperatorException(String.valueOf(e.getMessage()), null, e));
            }
            if (!awaitNext()) {
                return;
            }
        }
    }

    private void checkIn() {
        if (!migrated) {
            parts.records().migrate();
            migrated = true;
        }
        long sent = System.nanoTime();
        Instant database = parts.records().checkIn(agent, settings.host(), settings.version(), clockAhead);
        clockAhead = parts.clock().read(database, sent, hostClock);
        lease.renew(sent);
        compareClocks(Duration.ofNanos(System.nanoTime() - sent));
        ClusterRuns own = runs;
        if (own == null) {
            return;
        }
        own.tell();
        if (firing) {
            paused = plan(own).look();
            sweep();
        } else {
            stopTimer();
        }
    }

    private ClusterPlan plan(ClusterRuns own) {
        ClusterPlan made = plan;
        if (made == null) {
            ClusterTimer first = new ClusterTimer(
                    agent,
                    databases.database(settings.database().name()),
                    settings.checkIn(),
                    parts.clock(),
                    () -> trouble != null,
                    this::canRun,
                    this::fire);
            made = new ClusterPlan(parts, Objects.requireNonNull(registry), own, first, onLateness);
            plan = made;
            timer = first;
            first.start();
        }
        return made;
    }

    private boolean canRun(String runbook) {
        ClusterPlan present = plan;
        return firing && lease.holds() && present != null && present.canRun(runbook);
    }

    private void fire(FireTime fire, Duration late) {
        ClusterPlan present = plan;
        if (firing && lease.holds() && present != null) {
            present.fire(fire, late);
        }
    }

    private void watchLease() {
        ClusterRuns own = runs;
        if (own != null && !lease.holds()) {
            own.giveUp("the cluster's database '" + settings.database().name() + "' has not been reached for "
                    + DurationText.say(settings.lease()) + ", and another agent may take the run over");
        }
    }

    private void sweep() {
        Duration now = Duration.ofNanos(System.nanoTime());
        if (sweptAt == null || now.minus(sweptAt).compareTo(SWEEP_EVERY) > 0) {
            parts.records().sweep(KEEP_RUNS);
            sweptAt = now;
        }
    }

    private void compareClocks(Duration roundTrip) {
        boolean differ = clockAhead.abs().compareTo(TOLERABLE.plus(roundTrip)) > 0;
        String before = clockWarning;
        if (!differ) {
            clockWarning = null;
            return;
        }
        clockWarning = "this host's clock is " + DurationText.say(clockAhead.abs())
                + (clockAhead.isNegative() ? " behind" : " ahead of") + " that of database '"
                + settings.database().name() + "', which the cluster's runbooks follow";
        if (before == null) {
            LOG.warn(
                    "{}\n    HINT: runbooks of this host alone follow this host's clock: let both hosts keep time by NTP"
                            + " (chrony, systemd-timesyncd).",
                    clockWarning);
        }
    }

    private void isBack() {
        if (trouble != null) {
            LOG.info("the cluster's database '{}' is back", settings.database().name());
            trouble = null;
        }
    }

    private void isAway(OperatorException e) {
        if (trouble == null) {
            LOG.warn(
                    "the cluster's database '{}' cannot be used, and runbooks of the cluster wait for it; others go on: {}{}",
                    settings.database().name(),
                    e.getMessage(),
                    e.hint() == null ? "" : "\n    HINT: " + e.hint());
        }
        trouble = String.valueOf(e.getMessage());
    }

    private synchronized void lookAtOnce() {
        wanted = true;
        notifyAll();
    }

    /** @return false when the agent has left */
    private synchronized boolean awaitNext() {
        try {
            long until = System.nanoTime() + settings.checkIn().toNanos();
            long left = settings.checkIn().toMillis();
            while (!closed && left > 0 && (!wanted || trouble != null)) {
                wait(left);
                left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
            }
            wanted = false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        return !closed;
    }

    private void stopTimer() {
        if (timer != null) {
            timer.stop();
            timer = null;
        }
    }

    /** Leaves the cluster: what has ended is told, and the others need not wait for this agent. */
    @Override
    public void close() {
        firing = false;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            notifyAll();
        }
        try {
            checkIns.join(settings.takeOver().toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        watch.shutdownNow();
        try {
            stopTimer();
            ClusterRuns own = runs;
            if (own != null && trouble == null && lease.holds()) {
                own.tell();
                parts.records().checkOut(agent);
            }
        } catch (RuntimeException e) {
            LOG.warn("while leaving the cluster: {}", e.getMessage());
        }
        databases.close();
    }
}
