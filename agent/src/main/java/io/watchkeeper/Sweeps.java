package io.watchkeeper;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.engine.RunReports;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.replicas.RemedyEvent;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.backup.ScratchDatabases;
import io.watchkeeper.toolkit.copy.CopySweep;
import io.watchkeeper.toolkit.failover.Switchover;
import io.watchkeeper.toolkit.failover.SynchronousStandbys;
import io.watchkeeper.toolkit.index.RebuildSweep;
import io.watchkeeper.toolkit.pitr.SandboxSweep;
import io.watchkeeper.toolkit.remedy.RemedySweep;
import io.watchkeeper.toolkit.stream.StreamSweep;
import io.watchkeeper.toolkit.sync.SyncSweep;
import io.watchkeeper.toolkit.tenant.TenantSweep;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;

/**
 * What an agent that died has left in databases and on this host, each kind with the one who recorded it before it was made. Nothing of the
 * living is touched, so each may run at any time; {@link Housekeeping} calls them one after the other.
 */
final class Sweeps {

    private final AgentConfig config;
    private final Agent agent;
    private final AuditedStart audit;
    private final Clock clock;

    Sweeps(AgentConfig config, Agent agent, AuditedStart audit, Clock clock) {
        this.config = config;
        this.agent = agent;
        this.audit = audit;
        this.clock = clock;
    }

    List<Runnable> all(RunbookRegistry registry, KilledRuns killed) {
        Collection<Database> databases = agent.databases().all();
        Function<String, Database> byName = agent.databases()::database;
        Path state = config.state();
        CopySweep copies = new CopySweep(databases, clock);
        StreamSweep streams = new StreamSweep(databases);
        SyncSweep rounds = new SyncSweep(databases);
        RebuildSweep rebuilds = new RebuildSweep(databases);
        TenantSweep tenants = new TenantSweep(databases);
        BackupSettings backups = ConfiguredToolkit.backups(config, clock);
        return List.of(
                copies::sweepDue,
                streams::sweep,
                rounds::sweep,
                rebuilds::sweep,
                tenants::sweep,
                backups::sweep,
                () -> killed.callOnFailure(killed.mark()),
                () -> new ScratchDatabases(backups).sweep(databases),
                () -> SandboxSweep.sweep(state),
                () -> SynchronousStandbys.sweep(state, byName),
                this::remedies,
                () -> Switchover.sweep(state, byName),
                this::mails,
                () -> OrphanedAlerts.end(
                        agent.alerts(), registry, agent.history().lastRuns(), clock),
                this::reports,
                audit::look);
    }

    private void remedies() {
        ReplicationBoard swept = new ReplicationBoard();
        new RemedySweep(config.state(), agent.databases().all(), swept, clock).sweep();
        for (RemedyEvent event : swept.events()) {
            agent.sight().board().event(event);
            audit.reverted(event);
        }
    }

    private void mails() {
        agent.reportMail().ifPresent(mail -> mail.repeat(config.state().resolve(RunReports.FOLDER)));
    }

    private void reports() {
        Instant before = clock.instant().minus(config.history().keepRuns());
        RunReports.sweep(config.state(), run -> agent.history().find(run).isPresent(), before);
    }
}
