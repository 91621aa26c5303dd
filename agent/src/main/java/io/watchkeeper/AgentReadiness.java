package io.watchkeeper;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.files.RevocationLists;
import io.watchkeeper.http.Readiness;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.schedule.RunbookScheduler;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Whether the agent can do its work: started, store and scheduler usable, local databases within reach. Databases are asked
 * every half minute by a thread of their own, so that a probe of a health check never waits for a dead link.
 */
final class AgentReadiness implements Readiness, AutoCloseable {

    private static final long EVERY_SECONDS = 30;
    private static final Duration SCHEDULER_SILENCE = Duration.ofSeconds(10);
    private static final Work PROBE = Work.unattended("watchkeeper health");

    private final AgentConfig config;
    private final Agent agent;
    private final RunbookScheduler scheduler;
    private final Clock clock;
    private final Map<String, String> unreachable = new ConcurrentHashMap<>();
    private final ExecutorService probes = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "health-probe");
        thread.setDaemon(true);
        return thread;
    });
    private final TokensHealth tokens;
    private volatile boolean open;
    private volatile boolean draining;

    AgentReadiness(AgentConfig config, Agent agent, RunbookScheduler scheduler, Clock clock) {
        this.clock = clock;
        this.config = config;
        this.tokens = new TokensHealth(config.http().tokensFile());
        this.agent = agent;
        this.scheduler = scheduler;
    }

    /** The agent has started: from now on it is ready unless something is wrong. */
    void open() {
        for (Database database : agent.databases().all()) {
            probes.execute(() -> probeUntilClosed(database));
        }
        open = true;
    }

    /** The agent is about to stop: it takes nothing new, and running runs end. */
    void drain() {
        draining = true;
    }

    @Override
    public List<String> reasons() {
        List<String> reasons = new ArrayList<>();
        if (draining) {
            return List.of("draining: the agent stops when its runs have ended, and starts no new ones");
        }
        if (!open) {
            return List.of("still loading the runbooks");
        }
        if (!scheduler.isAlive(SCHEDULER_SILENCE)) {
            reasons.add("the scheduler has not answered for " + SCHEDULER_SILENCE.toSeconds() + " seconds");
        }
        try {
            agent.history().requireUsable();
        } catch (OperatorException e) {
            reasons.add(e.getMessage());
        }
        new TreeMap<>(unreachable).forEach((name, why) -> {
            if (isLocal(name)) {
                reasons.add(why);
            }
        });
        return reasons;
    }

    @Override
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>(tokens.warnings());
        AgentConfig.Tls tls = config.http().tls();
        Path revocations = tls == null ? null : tls.clientCrl();
        if (revocations != null) {
            warnings.addAll(RevocationLists.concerns(revocations, clock.instant()));
        }
        new TreeMap<>(unreachable).forEach((name, why) -> {
            if (!isLocal(name)) {
                warnings.add(why);
            }
        });
        scheduler.clockWarning().ifPresent(warnings::add);
        scheduler.cluster().ifPresent(cluster -> {
            cluster.trouble().ifPresent(why -> warnings.add("the cluster: " + why));
            cluster.clockWarning().ifPresent(warnings::add);
        });
        return warnings;
    }

    private boolean isLocal(String database) {
        return config.database(database).map(settings -> settings.local()).orElse(false);
    }

    private void probeUntilClosed(Database database) {
        try {
            do {
                probe(database);
            } while (!probes.awaitTermination(EVERY_SECONDS, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void probe(Database database) {
        try (Session session = database.open(PROBE)) {
            session.connection().isValid(5);
            unreachable.remove(database.name());
        } catch (SQLException | RuntimeException e) {
            unreachable.put(database.name(), "database '" + database.name() + "': " + e.getMessage());
        }
    }

    @Override
    public void close() {
        probes.shutdownNow();
    }
}
