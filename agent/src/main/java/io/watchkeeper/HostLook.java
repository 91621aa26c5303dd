package io.watchkeeper;

import io.watchkeeper.alert.Alert;
import io.watchkeeper.alert.Alerts;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.config.ConfigLoader;
import io.watchkeeper.doctor.Doctor;
import io.watchkeeper.doctor.Finding;
import io.watchkeeper.doctor.RunbookFolder;
import io.watchkeeper.dsl.LoadResult;
import io.watchkeeper.dsl.MetaTools;
import io.watchkeeper.dsl.RunbookLoader;
import io.watchkeeper.dsl.Toolbox;
import io.watchkeeper.history.RunHistory;
import io.watchkeeper.http.RunbookDocument;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.schedule.QuartzCron;
import io.watchkeeper.schedule.Upcoming;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.wal.WalReceivers;
import io.watchkeeper.trust.RunbookTrust;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What can be said of this host from its configuration, its runbooks and its store, whether or not an agent runs here. Changes nothing. */
public final class HostLook {

    private HostLook() {}

    /**
     * A loader for looking at runbooks without running them, also those that nobody has vouched for yet.
     *
     * @param config empty when there is none: then database names are not checked
     */
    public static RunbookLoader loaderForChecking(Optional<AgentConfig> config, Clock clock) {
        return loaderForChecking(config, clock, RunbookTrust.WITHOUT_LIST);
    }

    /** As {@link #loaderForChecking(Optional, Clock)}, but what the agent would refuse is refused. */
    private static RunbookLoader loaderLikeTheAgents(Optional<AgentConfig> config, Clock clock) {
        return loaderForChecking(
                config,
                clock,
                config.map(c -> ConfiguredToolkit.trust(c, clock)).orElse(RunbookTrust.USUAL));
    }

    private static RunbookLoader loaderForChecking(Optional<AgentConfig> config, Clock clock, RunbookTrust trust) {
        Toolbox toolbox = new Toolbox(
                        config.map(c -> c.host().name()).orElse(""),
                        clock,
                        new NeverFired(),
                        new QuartzCron()::problemOf,
                        null,
                        config.map(c -> ConfiguredToolkit.backups(c, clock))
                                .orElseGet(() -> BackupSettings.none(clock)))
                // Without a configuration there is nothing to say about it.
                .inCluster(config.map(c -> c.cluster() != null).orElse(true))
                .with(config.map(
                                c -> MetaTools.NONE.with(ConfiguredToolkit.tenants(c), ConfiguredToolkit.migrations(c)))
                        .orElse(MetaTools.NONE));
        return config.map(c -> Agent.loader(c, toolbox, trust)).orElseGet(() -> new RunbookLoader("", null, toolbox));
    }

    /** The configured runbooks as {@code GET /v1/runbooks} shows them, for when no agent runs here. */
    public static List<Map<String, Object>> describeRunbooks(AgentConfig config, Clock clock) {
        LoadResult loaded = loaderLikeTheAgents(Optional.of(config), clock).load(List.of(config.runbooks()));
        Map<String, RunOutcome> lastRuns = Map.of();
        Set<String> paused = Set.of();
        if (Files.exists(store(config))) {
            try (RunHistory history = RunHistory.openForReading(config.state(), clock)) {
                lastRuns = history.lastRuns();
                paused = history.paused();
            }
        }
        List<Map<String, Object>> documents = new ArrayList<>();
        for (Runbook runbook : loaded.runbooks().stream()
                .sorted(Comparator.comparing(Runbook::name))
                .toList()) {
            List<Instant> next =
                    runbook.schedule() == null ? List.of() : Upcoming.after(clock.instant(), runbook.schedule(), 5);
            documents.add(RunbookDocument.summary(
                    runbook, next, paused.contains(runbook.name()), lastRuns.get(runbook.name())));
        }
        return documents;
    }

    /** What a doctor finds on this host. */
    public static List<Finding> examine(Path configFile, ConfigLoader.Loaded loaded, Clock clock) {
        Optional<AgentConfig> config = loaded.config();
        return new Doctor(
                        configFile,
                        loaded,
                        () -> {
                            LoadResult runbooks = loaderLikeTheAgents(config, clock)
                                    .load(config.map(c -> List.of(c.runbooks())).orElse(List.of()));
                            return new RunbookFolder(runbooks.runbooks().size(), runbooks.problems());
                        },
                        () -> {
                            // Opening makes the store, and a doctor changes nothing.
                            if (config.isPresent() && Files.exists(store(config.get()))) {
                                RunHistory.openForReading(config.get().state(), clock)
                                        .close();
                            }
                        },
                        () -> config.map(c -> ConfiguredToolkit.protection(c, new WalReceivers(false, clock), clock)
                                        .get())
                                .orElse(Protection.NONE),
                        () -> config.map(c -> ReplicationLook.at(c, clock).servers())
                                .orElse(List.of()),
                        clock)
                .alsoAsking(pools -> config.map(c -> reviews(c, pools, clock)).orElse(database -> List.of()))
                .alsoReading(() -> config.flatMap(c -> AuditLook.at(c, clock)))
                .examine();
    }

    private static Doctor.DatabaseReview reviews(AgentConfig config, DatabasePools pools, Clock clock) {
        FailoverFindings failover = new FailoverFindings(config.state(), pools::database);
        SettingsFindings settings =
                new SettingsFindings(ConfiguredToolkit.protection(config, new WalReceivers(false, clock), clock));
        return database -> Stream.concat(failover.of(database).stream(), settings.of(database).stream())
                .toList();
    }

    private static Path store(AgentConfig config) {
        return config.state().resolve("watchkeeper.db");
    }

    /** Stands where alerts stand in runbooks that are only looked at. */
    private static final class NeverFired implements Alerts {
        @Override
        public boolean fire(Alert alert) {
            throw new IllegalStateException("a runbook that was loaded for checking was run");
        }

        @Override
        public int resolve(String runbook) {
            return 0;
        }
    }
}
