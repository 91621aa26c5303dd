package io.watchkeeper.doctor;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.config.ConfigLoader;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.replicas.ReplicatingServer;
import io.watchkeeper.replicas.ReplicationLimits;
import io.watchkeeper.units.DurationText;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Examines this host and says what is well, what should be looked at and what is wrong. Changes nothing, and never fails
 * itself: a check that throws or takes too long is a finding.
 */
public final class Doctor {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Path configFile;
    private final ConfigLoader.Loaded loaded;
    private final Supplier<RunbookFolder> runbooks;
    private final StoreProbe store;
    private final Supplier<Protection> protection;
    private final Supplier<List<ReplicatingServer>> replication;
    private final Clock clock;
    private final Duration patience;
    private Supplier<Optional<AuditSummary>> trail = Optional::empty;
    private Function<DatabasePools, DatabaseReview> reviews = pools -> database -> List.of();

    /** What else is to be said of a database. */
    @FunctionalInterface
    public interface DatabaseReview {
        List<Finding> of(Database database) throws Exception;
    }

    /**
     * @param loaded what came of reading the configuration file; with problems in it, only host and configuration are examined
     * @param runbooks loads the configured folder of runbooks
     * @param protection reads the repository of backups
     * @param replication looks at every configured database; what it cannot reach has a problem
     */
    public Doctor(
            Path configFile,
            ConfigLoader.Loaded loaded,
            Supplier<RunbookFolder> runbooks,
            StoreProbe store,
            Supplier<Protection> protection,
            Supplier<List<ReplicatingServer>> replication,
            Clock clock) {
        this(configFile, loaded, runbooks, store, protection, replication, clock, PATIENCE);
    }

    /** @param patience how long any one check may take */
    Doctor(
            Path configFile,
            ConfigLoader.Loaded loaded,
            Supplier<RunbookFolder> runbooks,
            StoreProbe store,
            Supplier<Protection> protection,
            Supplier<List<ReplicatingServer>> replication,
            Clock clock,
            Duration patience) {
        this.configFile = configFile;
        this.loaded = loaded;
        this.runbooks = runbooks;
        this.store = store;
        this.protection = protection;
        this.replication = replication;
        this.clock = clock;
        this.patience = patience;
    }

    /** Lets others have their say on each database. @param more made for the databases of one examination */
    public Doctor alsoAsking(Function<DatabasePools, DatabaseReview> more) {
        reviews = more;
        return this;
    }

    /** Lets it look at who did what, too. @param summary reads the audit trail; empty where there is no store yet */
    public Doctor alsoReading(Supplier<Optional<AuditSummary>> summary) {
        trail = summary;
        return this;
    }

    /** The findings, always in the same order: host, files, tools, then databases as configured. */
    public List<Finding> examine() {
        try (DatabasePools databases =
                new DatabasePools(loaded.config().map(AgentConfig::databases).orElse(List.of()))) {
            return examine(checks(databases));
        }
    }

    /** 1 when anything is red, else 0. */
    public static int exitStatus(List<Finding> findings) {
        return findings.stream().anyMatch(finding -> finding.level() == Finding.Level.RED) ? 1 : 0;
    }

    private List<HealthCheck> checks(DatabasePools databases) {
        List<HealthCheck> checks = new ArrayList<>();
        checks.add(new HostCheck(loaded.config().map(AgentConfig::host)));
        checks.add(new ConfigCheck(configFile, loaded.problems(), loaded.warnings()));
        loaded.config().ifPresent(config -> {
            ClientTools tools = new ClientTools(config.postgres().bin());
            checks.add(new RunbooksCheck(config.runbooks(), runbooks));
            checks.add(new SecretFilesCheck(loaded.secretFiles()));
            files(config).forEach(checks::add);
            checks.add(new StateFolderCheck(config.state()));
            checks.add(new StoreCheck(config.state(), store));
            checks.add(new AuditCheck(trail, clock));
            checks.add(new ClientToolsCheck(tools));
            checks.add(new BackupsCheck(config.backups(), protection, clock));
            checks.add(new ReplicationCheck(
                    replication,
                    new ReplicationLimits(
                            config.replication().warnAfter(),
                            config.replication().alertAfter())));
            databases.all().forEach(database -> checks.add(new DatabaseCheck(database, tools, clock)));
            DatabaseReview others = reviews.apply(databases);
            databases.all().forEach(database -> checks.add(reviewed(database, others)));
        });
        return checks;
    }

    /** What decides what the agent does, where it is configured. */
    private List<HealthCheck> files(AgentConfig config) {
        List<HealthCheck> checks = new ArrayList<>();
        Path tokens = config.http().tokensFile();
        if (tokens != null) {
            checks.add(new TokensCheck(tokens, clock));
        }
        AgentConfig.Tls tls = config.http().tls();
        Path revocations = tls == null ? null : tls.clientCrl();
        if (revocations != null) {
            checks.add(new RevocationsCheck(revocations, clock));
        }
        AgentConfig.Meta meta = config.meta();
        Path migrations = meta == null ? null : meta.migrations();
        if (migrations != null) {
            checks.add(new MigrationsCheck(migrations));
        }
        return checks;
    }

    private static HealthCheck reviewed(Database database, DatabaseReview review) {
        return new HealthCheck() {
            @Override
            public String subject() {
                return database.name();
            }

            @Override
            public List<Finding> examine() throws Exception {
                return review.of(database);
            }

            @Override
            public Finding.Level whenSilent() {
                return Finding.Level.AMBER;
            }
        };
    }

    /** All at once, so that five unreachable servers take as long as one. */
    private List<Finding> examine(List<HealthCheck> checks) {
        ExecutorService threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "doctor");
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Future<List<Finding>>> results = new ArrayList<>();
            for (HealthCheck check : checks) {
                results.add(threads.submit((Callable<List<Finding>>) check::examine));
            }
            long deadline = System.nanoTime() + patience.toNanos();
            List<Finding> findings = new ArrayList<>();
            for (int i = 0; i < checks.size(); i++) {
                findings.addAll(result(checks.get(i), results.get(i), deadline));
            }
            return findings;
        } finally {
            threads.shutdownNow();
        }
    }

    private List<Finding> result(HealthCheck check, Future<List<Finding>> result, long deadline) {
        String subject = check.subject();
        try {
            return result.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            result.cancel(true);
            return List.of(
                    new Finding(check.whenSilent(), subject, "no result within " + DurationText.say(patience), null));
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            return List.of(Finding.red(
                    subject,
                    "the check failed: " + cause.getMessage(),
                    cause instanceof OperatorException failure ? failure.hint() : null));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of(Finding.red(subject, "the check was interrupted", null));
        }
    }
}
