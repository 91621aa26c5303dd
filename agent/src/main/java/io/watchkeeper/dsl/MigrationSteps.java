package io.watchkeeper.dsl;

import io.watchkeeper.approval.ApprovalRequest;
import io.watchkeeper.audit.AuditEvent;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.migrate.MigrationFinding;
import io.watchkeeper.toolkit.migrate.MigrationPlan;
import io.watchkeeper.toolkit.migrate.MigrationResult;
import io.watchkeeper.toolkit.migrate.MigrationStatus;
import io.watchkeeper.toolkit.migrate.MigrationWish;
import io.watchkeeper.toolkit.migrate.Migrator;
import io.watchkeeper.toolkit.migrate.RevertTest;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A migration as a step of a run, whether a runbook, a command or a call over HTTP asks for it: planned in a dry run, else done once enough
 * people have agreed, and put on record.
 */
public final class MigrationSteps {

    private static final String VERB = "migrate";

    private final StepContext context;
    private final MetaTools tools;
    private final BackupSettings backups;
    private final @Nullable Path project;

    /** @param project the folder of sqitch.plan; null for the configured one */
    public MigrationSteps(StepContext context, MetaTools tools, BackupSettings backups, @Nullable Path project) {
        this.context = context;
        this.tools = tools;
        this.backups = backups;
        this.project = project == null ? tools.migrations().project() : project;
    }

    /** @throws OperatorException when it is refused, waits for approval, or fails */
    public MigrationResult migrate(MigrationWish wish) throws SQLException {
        List<Database> databases = new ArrayList<>();
        databases.add(context.database(wish.database()));
        wish.alsoOn().forEach(name -> databases.add(context.database(name)));
        Migrator migrator = migrator();
        if (context.dryRun()) {
            MigrationPlan planned = migrator.plan(wish, databases);
            if (wish.revertTest() != RevertTest.NONE) {
                context.info(
                        "all of it and the way back are tried out first, on a restored backup or a scratch database");
            }
            return describe(planned);
        }
        MigrationPlan plan = migrator.requirePossible(wish, databases);
        warn(plan);
        MigrationResult result = plan.isLarge()
                ? context.heavily(HeavyWork.maintenance(wish.database()), () -> run(migrator, wish, databases))
                : run(migrator, wish, databases);
        context.record(new VerbResult(VERB, result.fields()));
        context.info(result.words()
                + (wish.revertTest() == RevertTest.NONE || result.changes().isEmpty()
                        ? ""
                        : "; the way back was tried out before, and left the schema as it was"));
        return result;
    }

    /** What a database has of the plan, and what it lacks, for the record. */
    public MigrationStatus status(String database) throws SQLException {
        MigrationStatus status = migrator().status(context.database(database));
        context.record(new VerbResult("migrationStatus", status.fields()));
        context.info(status.words());
        return status;
    }

    /** @throws OperatorException when a verify script of a change that the database has fails */
    public void verify(String database) throws SQLException {
        MigrationStatus status = status(database);
        if (context.dryRun() || status.deployed().isEmpty()) {
            return;
        }
        migrator().verify(context.database(database), backups.state());
        context.info("verified: " + status.deployed().size() + " changes");
    }

    private Migrator migrator() {
        return new Migrator(
                        requireProject(), backups.bin(), tools.migrations().avoided(), backups.clock(), context.work())
                .testedBy(backups);
    }

    private MigrationResult run(Migrator migrator, MigrationWish wish, List<Database> databases) throws SQLException {
        return migrator.run(
                wish, databases, backups.state(), this::requireApproved, done -> putOnRecord(done, wish.revert()));
    }

    private Path requireProject() {
        if (project == null) {
            throw new OperatorException(
                    "no folder of migrations is configured",
                    "name a Sqitch project in the configuration: meta: { database: shore, migrations: /etc/watchkeeper/migrations }.");
        }
        return project;
    }

    private MigrationResult describe(MigrationPlan plan) {
        warn(plan);
        context.plan(VERB, plan.subject(), plan.actions());
        context.record(new VerbResult("migrationPlan", plan.fields()));
        if (plan.approvers() > 0) {
            context.info("needs the approval of " + plan.approvers()
                    + " people, because it takes something away or cannot be taken back");
        }
        return new MigrationResult(plan.project(), plan.revision(), plan.revert(), List.of(), false, Duration.ZERO);
    }

    private void warn(MigrationPlan plan) {
        for (MigrationFinding finding : plan.findings()) {
            if (finding.severity() == MigrationFinding.Severity.NOTE) {
                context.info(finding.text());
            } else {
                context.warn(finding.text() + " – " + finding.remedy());
            }
        }
    }

    /** Who has agreed to another plan has not agreed to this one: the digest tells them apart. */
    private void requireApproved(MigrationPlan plan) {
        String asker = context.by().name();
        int given = tools.approvals().givenByOthers(plan.digest(), asker).size();
        if (given >= plan.approvers()) {
            return;
        }
        tools.approvals()
                .ask(new ApprovalRequest(
                        context.runId(),
                        plan.subject(),
                        plan.digest(),
                        plan.approvers(),
                        backups.clock().instant()));
        throw new OperatorException(
                "to " + plan.subject() + " takes the approval of " + plan.approvers() + " people other than " + asker
                        + ", and " + given + " gave it",
                "with two different tokens: watchkeeper migrate approve " + context.runId() + ", or POST /v1/runs/"
                        + context.runId() + "/approvals. Then ask for it again.");
    }

    private void putOnRecord(MigrationResult.Done done, boolean revert) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("database", done.database());
        details.put("phase", done.phase().word());
        details.put("runId", context.runId());
        tools.audit()
                .record(new AuditEvent(
                        "agent",
                        "run",
                        revert ? "migration.reverted" : "migration.deployed",
                        done.change(),
                        "ok",
                        details));
        context.info(done.change() + (revert ? " taken back from " : " deployed to ") + done.database());
    }
}
