package io.watchkeeper;

import io.watchkeeper.alert.AlertDispatcher;
import io.watchkeeper.alert.AlertResolver;
import io.watchkeeper.alert.ConfiguredReceivers;
import io.watchkeeper.alert.ReportMail;
import io.watchkeeper.audit.Audit;
import io.watchkeeper.checklist.ChecklistReports;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.dsl.MetaTools;
import io.watchkeeper.dsl.RunbookLoader;
import io.watchkeeper.dsl.Toolbox;
import io.watchkeeper.engine.RunListener;
import io.watchkeeper.engine.RunbookRunner;
import io.watchkeeper.history.AuditTrail;
import io.watchkeeper.history.AuditedRuns;
import io.watchkeeper.history.RunHistory;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.schedule.QuartzCron;
import io.watchkeeper.toolkit.replication.ReplicationSight;
import io.watchkeeper.toolkit.wal.WalReceivers;
import io.watchkeeper.trust.RunbookTrust;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a process needs to load and run runbooks on this host: the store, the pools, the alerts, the language and the runner, put
 * together by hand. {@code watchkeeper run} needs no more than this; the daemon adds the scheduler and HTTP, see {@link Daemon}.
 */
public final class Agent implements AutoCloseable {

    /** In the state directory: what runbook files became when they were compiled. */
    private static final String COMPILED = "compiled";

    private final RunHistory history;
    private final AuditTrail audit;
    private final AuditedRuns auditedRuns;
    private final DatabasePools databases;
    private final AlertDispatcher alerts;
    private final Supplier<RunbookLoader> newLoader;
    private final RunbookRunner runner;
    private final WalReceivers receivers;
    private final ReplicationSight sight;
    private final ChecklistReports checklists;
    private final Optional<ReportMail> reportMail;
    private final MetaTools meta;
    private @Nullable RunbookLoader loader;

    private Agent(
            AgentConfig config, RunHistory history, List<RunListener> watchers, WalReceivers receivers, Clock clock) {
        this.history = history;
        this.audit =
                history.audit(config.host().name()).whichKeeps(config.history().keepAudit());
        this.auditedRuns = new AuditedRuns(audit);
        this.receivers = receivers;
        this.databases = new DatabasePools(config.databases(), config.state());
        this.sight = new ReplicationSight(databases.all(), config.state(), new ReplicationBoard(), clock);
        this.alerts = new AlertDispatcher(
                ConfiguredReceivers.of(config, clock),
                history.alerts(),
                config.alerts().repeatEvery(),
                clock);
        this.meta = metaTools(config, history, audit);
        this.newLoader = () -> loader(
                        config,
                        new Toolbox(
                                config.host().name(),
                                clock,
                                alerts,
                                new QuartzCron()::problemOf,
                                config.copying().workers(),
                                ConfiguredToolkit.backups(config, clock),
                                receivers,
                                sight,
                                history.measurements(),
                                config.cluster() != null,
                                meta),
                        ConfiguredToolkit.trust(config, clock))
                .keepingClassesIn(config.state().resolve(COMPILED));
        this.reportMail = ConfiguredReceivers.reportMail(config, clock);
        this.checklists =
                new ChecklistReports(config.state(), history.measurements(), clock, written -> mail(config, written));
        List<RunListener> listeners = new ArrayList<>();
        // The history first: it refuses a run that cannot be recorded before anybody has heard of it.
        listeners.add(history);
        // So does the audit trail.
        listeners.add(auditedRuns);
        // Then the reports: whoever hears of the end may ask for it.
        listeners.add(checklists);
        listeners.addAll(watchers);
        listeners.add(new AlertResolver(alerts));
        this.runner = new RunbookRunner(
                config.host().name(),
                config.state(),
                databases,
                history,
                listeners,
                ConfiguredToolkit.heavyLimits(config),
                clock);
    }

    private static MetaTools metaTools(AgentConfig config, RunHistory history, Audit audit) {
        return new MetaTools(
                ConfiguredToolkit.tenants(config), ConfiguredToolkit.migrations(config), history.approvals(), audit);
    }

    /**
     * Opens the store and prepares everything; connects to no database yet.
     *
     * @param watchers made from the opened history; they hear of runs after the history has recorded them
     * @throws io.watchkeeper.problem.OperatorException when the state directory or the store cannot be used
     */
    public static Agent open(AgentConfig config, Clock clock, Function<RunHistory, List<RunListener>> watchers) {
        return open(config, clock, watchers, new WalReceivers(false, clock));
    }

    /** As {@link #open(AgentConfig, Clock, Function)}. @param receivers of the write-ahead log; they are closed with the agent */
    static Agent open(
            AgentConfig config, Clock clock, Function<RunHistory, List<RunListener>> watchers, WalReceivers receivers) {
        RunHistory history = RunHistory.open(config.state(), clock);
        try {
            return new Agent(config, history, watchers.apply(history), receivers, clock);
        } catch (RuntimeException e) {
            history.close();
            throw e;
        }
    }

    public RunHistory history() {
        return history;
    }

    /** Who did what on this host. */
    public AuditTrail audit() {
        return audit;
    }

    /** Puts runs on record. */
    AuditedRuns auditedRuns() {
        return auditedRuns;
    }

    public DatabasePools databases() {
        return databases;
    }

    public AlertDispatcher alerts() {
        return alerts;
    }

    /** Made when first asked for: the language brings Groovy with it, and a copy by command needs neither. */
    public synchronized RunbookLoader loader() {
        if (loader == null) {
            loader = newLoader.get();
        }
        return loader;
    }

    /** For tenants and migrations. */
    MetaTools meta() {
        return meta;
    }

    /** Of the write-ahead log, in this process. */
    WalReceivers receivers() {
        return receivers;
    }

    /** What this process knows of replication. */
    ReplicationBoard replication() {
        return sight.board();
    }

    /** How this process looks at it. */
    ReplicationSight sight() {
        return sight;
    }

    private void mail(AgentConfig config, ChecklistReports.Written written) {
        AgentConfig.Mail account = config.alerts().mail();
        if (account != null && account.reports().contains(written.report().kind())) {
            reportMail.ifPresent(
                    mail -> mail.post(written.folder(), written.subject(), written.text(), written.page()));
        }
    }

    /** Mails reports, where mail is configured. */
    Optional<ReportMail> reportMail() {
        return reportMail;
    }

    /** Writes what checklists came to. */
    ChecklistReports checklists() {
        return checklists;
    }

    public RunbookRunner runner() {
        return runner;
    }

    @Override
    public void close() {
        runner.close();
        reportMail.ifPresent(ReportMail::close);
        receivers.close();
        databases.close();
        auditedRuns.close();
        audit.anchor();
        history.close();
    }

    /** The version of this program. */
    public static String version() {
        return Optional.ofNullable(Agent.class.getPackage().getImplementationVersion())
                .orElse("development");
    }

    /** As the configuration says. */
    static RunbookLoader loader(AgentConfig config, Toolbox toolbox, RunbookTrust trust) {
        List<String> names =
                config.databases().stream().map(DatabaseSettings::name).toList();
        return new RunbookLoader(config.host().role(), names, toolbox, trust);
    }
}
