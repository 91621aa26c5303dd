package io.watchkeeper;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.config.ConfigLoader;
import io.watchkeeper.systemd.ReloadSignal;
import io.watchkeeper.systemd.SystemdNotifier;
import io.watchkeeper.systemd.Watchdog;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent of a process over its reloads: one {@link Daemon} after the other, each with the configuration of its time. A
 * configuration that cannot be used leaves the daemon that is there in its place.
 */
public final class LongLivedAgent {

    private static final Logger LOG = LoggerFactory.getLogger(LongLivedAgent.class);

    /** What a daemon needs, beyond the time for its runs, to end and for another to begin. */
    private static final Duration CHANGE_OVER = Duration.ofMinutes(2);

    private final Supplier<ConfigLoader.Loaded> configuration;
    private final Clock clock;
    private final Map<String, String> environment;
    private final SystemdNotifier systemd;
    private final CountDownLatch stopped = new CountDownLatch(1);

    /** Guards {@link #daemon}: a stop in the middle of a reload waits for what the reload makes, and stops that. */
    private final Object change = new Object();

    private volatile @Nullable Daemon daemon;
    private volatile boolean stopping;
    private volatile boolean failed;

    private LongLivedAgent(Supplier<ConfigLoader.Loaded> configuration, Clock clock, Map<String, String> environment) {
        this.configuration = configuration;
        this.clock = clock;
        this.environment = Map.copyOf(environment);
        this.systemd = SystemdNotifier.fromEnvironment(environment);
    }

    /**
     * Starts the agent. Under systemd it reloads on SIGHUP; anywhere else that signal means that the terminal is gone.
     *
     * @param configuration reads it again, for a reload
     * @throws io.watchkeeper.problem.OperatorException as {@link Daemon#start}
     */
    public static LongLivedAgent start(
            AgentConfig config,
            Supplier<ConfigLoader.Loaded> configuration,
            Clock clock,
            Map<String, String> environment) {
        LongLivedAgent agent = new LongLivedAgent(configuration, clock, environment);
        synchronized (agent.change) {
            agent.daemon = Daemon.start(config, clock, environment);
        }
        if (agent.systemd.isActive()) {
            ReloadSignal.handle(agent::reload);
        }
        return agent;
    }

    /** Takes the configuration over as it is now. Where it cannot be used, everything goes on as before. */
    public void reload() {
        synchronized (change) {
            Daemon before = daemon;
            if (stopping || before == null) {
                return;
            }
            systemd.reloading("reading the configuration", CHANGE_OVER);
            ConfigLoader.Loaded loaded = configuration.get();
            loaded.warnings().forEach(warning -> LOG.warn("{}", warning));
            Optional<AgentConfig> config = loaded.config();
            if (config.isEmpty()) {
                loaded.problems().forEach(problem -> LOG.error("{}", problem));
                LOG.error("the configuration has problems; the agent goes on with the one it has");
                systemd.ready("goes on with the old configuration: the new one has problems, see the journal");
            } else if (config.get().equals(before.config())) {
                LOG.info("the configuration has not changed");
                systemd.ready("configuration unchanged, status at http://" + listen(before.config()));
            } else {
                replace(before, config.get());
            }
        }
    }

    private static String listen(AgentConfig config) {
        return config.http().listen().getHostString() + ":"
                + config.http().listen().getPort();
    }

    private void replace(Daemon before, AgentConfig config) {
        Duration patience = before.config().shutdown().drain().plus(CHANGE_OVER);
        systemd.reloading("finishing or cancelling runs, then on with the new configuration", patience);
        Instant deadline = clock.instant().plus(patience);
        // The daemon's own ends with it, and runs may take longer to end than systemd waits for an answer.
        Optional<Watchdog> watchdog =
                Watchdog.start(systemd, environment, () -> clock.instant().isBefore(deadline));
        try {
            boolean allEnded = before.stopForAnother();
            if (stopping) {
                return;
            }
            if (allEnded) {
                daemon = startOrGoBack(config, before.config());
            } else {
                // A run that goes on beside the next daemon would hold its locks and work on without anybody who sees
                // or stops it.
                LOG.error("a run does not end; the process ends with it, and begins anew with the new configuration");
                fail();
            }
        } finally {
            watchdog.ifPresent(Watchdog::close);
        }
    }

    /** @throws RuntimeException when even the old configuration does not do any more: then the process ends, and is restarted */
    private Daemon startOrGoBack(AgentConfig config, AgentConfig old) {
        try {
            return Daemon.start(config, clock, environment);
        } catch (RuntimeException e) {
            LOG.error("the agent does not start with the new configuration; it goes back to the old one", e);
        }
        try {
            Daemon daemon = Daemon.start(old, clock, environment);
            systemd.status("goes on with the old configuration: the new one did not work, see the journal");
            return daemon;
        } catch (RuntimeException e) {
            LOG.error("the agent does not start with the old configuration either", e);
            fail();
            throw e;
        }
    }

    /** The process ends, and whoever looks after it starts it anew. */
    private void fail() {
        stopping = true;
        failed = true;
        stopped.countDown();
    }

    /** As {@link Daemon#stop()}. A reload that is going on waits for its runs no longer than a stop does. */
    public void stop() {
        stopping = true;
        Daemon going = daemon;
        if (going != null) {
            // Before the lock: whoever holds it may wait for runs, and systemd kills a process that does not say that
            // it is stopping.
            going.hurry();
        }
        synchronized (change) {
            Daemon last = daemon;
            if (last != null) {
                last.stop();
            }
        }
        stopped.countDown();
    }

    /** Returns when the agent has stopped. @return false when it ended by itself, because a reload left it nothing to run with */
    public boolean awaitStop() {
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stop();
        }
        return !failed;
    }
}
