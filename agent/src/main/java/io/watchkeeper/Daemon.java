package io.watchkeeper;

import io.watchkeeper.alert.AlertRepeater;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.dsl.RunbookFolder;
import io.watchkeeper.engine.AgentLock;
import io.watchkeeper.history.AuditCopy;
import io.watchkeeper.history.AuditedRunbooks;
import io.watchkeeper.history.RunHistory;
import io.watchkeeper.http.HttpServer;
import io.watchkeeper.http.LiveEvents;
import io.watchkeeper.http.RunArchive;
import io.watchkeeper.http.RunControl;
import io.watchkeeper.http.SafetyTrend;
import io.watchkeeper.http.Timetable;
import io.watchkeeper.metrics.RunMetrics;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.runbook.TableState;
import io.watchkeeper.schedule.Cluster;
import io.watchkeeper.schedule.ClusterSettings;
import io.watchkeeper.schedule.RunbookScheduler;
import io.watchkeeper.systemd.SystemdNotifier;
import io.watchkeeper.systemd.Watchdog;
import io.watchkeeper.toolkit.replication.ReplicationWatch;
import io.watchkeeper.toolkit.slo.SloFigures;
import io.watchkeeper.toolkit.wal.WalReceivers;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running agent of a host: everything of {@link Agent}, and the folder of runbooks, the scheduler, HTTP and systemd. */
public final class Daemon {

    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

    private static final Duration REPEAT_CHECK = Duration.ofMinutes(5);
    private static final Duration AUDIT_COPY = Duration.ofSeconds(2);
    private static final Duration SCHEDULER_SILENCE = Duration.ofSeconds(10);

    /** What the end takes beyond the time for runs: those that are cancelled tidy up, and everything is closed. */
    private static final Duration CLOSING = Duration.ofMinutes(2);

    private final AgentConfig config;
    private final Clock clock;
    private final SystemdNotifier systemd;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final AtomicBoolean stopping = new AtomicBoolean();

    /** Set when what began as a short stop becomes a plain one: then nothing is started again. */
    private volatile boolean forGood;

    private volatile boolean allEnded = true;

    /** What was started, newest first: the order to stop in. */
    private final Deque<AutoCloseable> started = new ConcurrentLinkedDeque<>();

    /** Null until the agent has begun. */
    private volatile @Nullable AuditedStart audited;

    private final CutOffRuns cutOff;
    private final Map<String, String> environment;

    private Daemon(AgentConfig config, Clock clock, Map<String, String> environment) {
        this.config = config;
        this.clock = clock;
        this.environment = Map.copyOf(environment);
        this.cutOff = new CutOffRuns(config.state());
        this.systemd = SystemdNotifier.fromEnvironment(environment);
    }

    /**
     * Starts everything; when this returns the agent is ready.
     *
     * @param environment systemd's NOTIFY_SOCKET and WATCHDOG_USEC are looked for here
     * @throws io.watchkeeper.problem.OperatorException when another agent uses the state directory, the address is taken, or the
     *     store cannot be opened; whatever had started is stopped again
     */
    public static Daemon start(AgentConfig config, Clock clock, Map<String, String> environment) {
        Daemon daemon = new Daemon(config, clock, environment);
        try {
            daemon.startAll();
            return daemon;
        } catch (RuntimeException e) {
            // Not said to systemd: a reload that fails goes back to the configuration it had.
            daemon.stop(Duration.ZERO, false);
            throw e;
        }
    }

    private void startAll() {
        Instant now = clock.instant();
        RunbookRegistry registry = new RunbookRegistry();
        LiveEvents live = new LiveEvents(registry);
        started.push(AgentLock.acquire(config.state()));

        Cluster cluster = cluster();
        if (cluster != null) {
            // Leaves the cluster last, when the runs have ended and there is nothing more to tell.
            started.push(cluster);
        }
        AtomicReference<RunMetrics> made = new AtomicReference<>();
        AtomicReference<RunbookStandings> standing = new AtomicReference<>();
        Agent agent = Agent.open(
                config,
                clock,
                history -> {
                    made.set(new RunMetrics(registry, Agent.version(), lastSuccesses(history)));
                    standing.set(new RunbookStandings(registry, history, clock));
                    return List.of(made.get(), standing.get(), live);
                },
                new WalReceivers(true, clock));
        RunMetrics metrics = Objects.requireNonNull(made.get());
        started.push(agent);
        KilledRuns killed = new KilledRuns(agent, registry);
        List<RunOutcome> ofEarlierAgents = killed.mark();
        AuditedStart audit = AuditedStart.of(config, agent.audit());
        audited = audit;
        metrics.watch(agent.databases());
        Set<String> configured =
                config.databases().stream().map(DatabaseSettings::name).collect(Collectors.toUnmodifiableSet());
        Supplier<List<TableState>> tables = () -> agent.history().tables().stream()
                .filter(table -> configured.contains(table.database()))
                .toList();
        metrics.watch(tables, clock);
        Supplier<Protection> protection = ConfiguredToolkit.protection(config, agent.receivers(), clock);
        metrics.watch(() -> protection.get().of(configured));
        metrics.watchAudit(agent.audit()::state);
        metrics.watch(agent.replication());
        metrics.watchHeavyWork(() -> agent.runner().arbiter().state(), clock);
        UpkeepWatch upkeep = new UpkeepWatch(agent.databases(), clock);
        started.push(upkeep);
        BloatWatch bloat = new BloatWatch(agent.databases());
        started.push(bloat);
        metrics.watchBloat(bloat);
        metrics.watchSlo(new SloFigures(config.state(), config.slo().databases().keySet(), clock));
        SloWatch objectives = SloWatch.start(
                config.slo(),
                new SloWatch.Place(config.host().name(), config.state()),
                agent.databases(),
                agent.alerts(),
                clock);
        started.push(objectives);
        metrics.watchUpkeep(upkeep);
        Runnable ofTenants = watchTenants(metrics, agent);
        metrics.watchDisks(HostFiles.folders(config));
        metrics.watchCertificates(HostFiles.certificates(config));

        RunbookScheduler scheduler = new RunbookScheduler(registry, agent.runner(), agent.history(), cluster, clock);
        started.push(scheduler);
        scheduler.onLateness(metrics::schedulerFired);
        RunbookStandings standings = Objects.requireNonNull(standing.get());
        metrics.watchRunbooks(() -> standings.now(scheduler::isPaused), () -> isAsItShouldBe(scheduler));
        AgentReadiness readiness = new AgentReadiness(config, agent, scheduler, clock);
        started.push(readiness);

        // Before the runbooks are compiled: a person who looks now sees that the agent is there and what it is waiting
        // for.
        HttpServer http = new HttpServer(new HttpServer.Parts(
                new HttpServer.About(
                        config.host().name(),
                        config.host().role(),
                        Agent.version(),
                        now,
                        config.file().toString(),
                        config.runbooks().toString()),
                config.http(),
                registry,
                RunControl.of(agent.runner()),
                RunArchive.of(agent.history(), config.state()),
                Timetable.of(scheduler),
                metrics,
                protection,
                tables,
                agent.history().measurements(),
                agent.audit(),
                agent.replication(),
                ReplicationLook.limits(config),
                upkeep,
                objectives,
                new DrillsByCall(config, clock),
                new TenantsByCall(agent.databases(), agent.meta()),
                new MigrationsByCall(config, agent.databases(), agent.meta(), clock),
                new RecordedApprovals(agent.meta().approvals(), agent.meta().audit()),
                readiness,
                live,
                agent.audit(),
                clock));
        http.start();
        started.push(http);

        AgentConfig.Audit copy = config.audit();
        if (copy != null) {
            started.push(new AuditCopy(
                    agent.audit(),
                    config.host().name(),
                    agent.databases().database(copy.database()),
                    copy.table(),
                    AUDIT_COPY));
        }
        AuditedRunbooks changes = new AuditedRunbooks(agent.audit(), agent.audit());
        started.push(changes);
        changes.follow(registry);
        RunbookFolder folder = new RunbookFolder(config.runbooks(), agent.loader(), registry, clock);
        started.push(folder);
        folder.start();
        scheduler.start();
        // Only now: connections, the first of all with TLS, would take the processors from what people wait for.
        upkeep.start();
        bloat.start();
        ofTenants.run();
        started.push(new AlertRepeater(agent.alerts(), REPEAT_CHECK));
        started.push(new Housekeeping(
                agent.history(),
                config.history().keepRuns(),
                new Sweeps(config, agent, audit, clock).all(registry, killed)));
        started.push(new ReplicationWatch(
                agent.sight(), agent.databases().all(), config.replication().every()));
        SafetyTrend trend = new SafetyTrend(
                tables,
                protection,
                agent.replication(),
                ReplicationLook.limits(config),
                agent.history().measurements(),
                clock);
        started.push(trend);
        trend.start();
        readiness.open();
        killed.callOnFailure(ofEarlierAgents);
        cutOff.startAgain(agent.history(), registry, agent.runner()::start, clock.instant());
        Watchdog.start(systemd, environment, () -> isAsItShouldBe(scheduler)).ifPresent(started::push);
        announce(registry, http.address());
    }

    /** Alive, or put to rest by an agent that waits for its runs to end: how long that may take, systemd was told. */
    private boolean isAsItShouldBe(RunbookScheduler scheduler) {
        return stopping.get() || scheduler.isAlive(SCHEDULER_SILENCE);
    }

    /** @return starts the watch */
    private Runnable watchTenants(RunMetrics metrics, Agent agent) {
        AgentConfig.Meta meta = config.meta();
        if (meta == null) {
            return () -> {};
        }
        TenantWatch tenants = new TenantWatch(agent.databases().database(meta.database()));
        started.push(tenants);
        metrics.watchTenants(tenants);
        return tenants::start;
    }

    private @Nullable Cluster cluster() {
        AgentConfig.Cluster configured = config.cluster();
        return configured == null
                ? null
                : new Cluster(
                        new ClusterSettings(
                                config.host().name(),
                                Agent.version(),
                                config.database(configured.database()).orElseThrow(),
                                configured.takeOver()),
                        clock);
    }

    private static Map<String, Instant> lastSuccesses(RunHistory history) {
        Map<String, Instant> successes = new HashMap<>();
        history.lastSuccesses()
                .forEach(
                        (runbook, run) -> successes.put(runbook, run.startedAt().plus(run.duration())));
        return successes;
    }

    private void announce(RunbookRegistry registry, URI address) {
        int runbooks = registry.contents().runbooks().size();
        int problems = registry.contents().problems().size();
        registry.contents().problems().forEach(problem -> LOG.error("{}", problem));
        LOG.info(
                "watchkeeper {} is ready on {} (role {}): {} runbooks, {} problems, status at {}",
                Agent.version(),
                config.host().name(),
                config.host().role(),
                runbooks,
                problems,
                address);
        if (runbooks == 0 && problems == 0) {
            LOG.warn(
                    "no runbooks yet: name databases in {}, put a .groovy file into {}, and open {} to see what to do",
                    config.file(),
                    config.runbooks(),
                    address);
        }
        systemd.ready(runbooks + " runbooks, status at " + address);
    }

    /** Returns when the daemon has stopped. */
    public void awaitStop() {
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stop();
        }
    }

    /** What this daemon was started with. */
    AgentConfig config() {
        return config;
    }

    /** Starts no more runs, lets running ones finish within the grace period, cancels the rest, and ends everything. */
    public void stop() {
        systemd.stopping("finishing or cancelling runs", patience().plus(CLOSING));
        stop(patience(), UpgradeMark.isSet(environment));
    }

    /**
     * As {@link #stop()}, for a daemon that takes this one's place at once: runs get longer, and those cut off are started again.
     *
     * @return whether every run has ended: while one has not, nobody may take this one's place in the same process
     */
    boolean stopForAnother() {
        stop(config.shutdown().drain(), true);
        return allEnded;
    }

    /** The process is to end, also where this daemon is already stopping for another: it waits for runs only as {@link #stop()} does. */
    void hurry() {
        Duration patience = patience();
        systemd.stopping("finishing or cancelling runs", patience.plus(CLOSING));
        forGood = !UpgradeMark.isSet(environment);
        part(Agent.class).ifPresent(agent -> agent.runner().hurry(patience));
    }

    private Duration patience() {
        return UpgradeMark.isSet(environment)
                ? config.shutdown().drain()
                : config.shutdown().grace();
    }

    private void stop(Duration grace, boolean forAMoment) {
        if (!stopping.compareAndSet(false, true)) {
            awaitStop();
            return;
        }
        // Runs may take minutes to end. Whoever waits for them must see them and be able to cancel them: HTTP, metrics
        // and
        // watches go on until then, and only what begins runs ends at once.
        part(AgentReadiness.class).ifPresent(AgentReadiness::drain);
        closeEarly(RunbookFolder.class);
        closeEarly(RunbookScheduler.class);
        part(Agent.class).ifPresent(agent -> drain(agent, grace, forAMoment));
        for (AutoCloseable part : List.copyOf(started)) {
            close(part);
        }
        started.clear();
        stopped.countDown();
    }

    private void drain(Agent agent, Duration grace, boolean forAMoment) {
        if (forAMoment) {
            // Also now, when a kill may end the wait.
            cutOff.expect(clock.instant());
        }
        try {
            allEnded = agent.runner().shutdown(grace, () -> {
                if (forAMoment) {
                    cutOff.expect(clock.instant());
                }
            });
        } catch (RuntimeException e) {
            // Everything else is closed all the same.
            allEnded = false;
            LOG.error("while waiting for runs", e);
        }
        if (forAMoment && forGood) {
            cutOff.forget();
        }
    }

    private <T extends AutoCloseable> Optional<T> part(Class<T> kind) {
        return started.stream().filter(kind::isInstance).map(kind::cast).findFirst();
    }

    private void closeEarly(Class<? extends AutoCloseable> kind) {
        part(kind).ifPresent(part -> {
            started.remove(part);
            close(part);
        });
    }

    private void close(AutoCloseable part) {
        try {
            AuditedStart begun = audited;
            if (part instanceof Agent && begun != null) {
                // Its runs have ended, and nobody can ask for anything: nothing more comes after this on the record.
                begun.stopped();
            }
            part.close();
        } catch (Exception e) {
            LOG.warn("while stopping {}: {}", part.getClass().getSimpleName(), e.toString());
        }
    }
}
