package io.watchkeeper.dsl;

import groovy.lang.Closure;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.review.Review;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.toolkit.backup.BackupReview;
import io.watchkeeper.toolkit.backup.RepositoryState;
import io.watchkeeper.toolkit.settings.AuditLog;
import io.watchkeeper.toolkit.settings.LogErrors;
import io.watchkeeper.toolkit.settings.SettingsReview;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** {@code settingsReview}, {@code logErrors}, {@code auditLog} and {@code backupStatus}. */
record SettingsVerbs(Action action) {

    /** Reads only, so a dry run does it too. */
    Review settings(String database, @Nullable Closure<?> block) throws SQLException {
        SettingsReviewSpec spec = new SettingsReviewSpec();
        if (block != null) {
            Closures.run(block, spec);
        }
        Database where = action.database(database);
        boolean logIsReceived = protection().archive(database).isPresent();
        Review review = new SettingsReview(where, action.context().work()).review(spec.plan(logIsReceived));
        return new ReviewVerbs(action).told("settingsReview", review, spec.isReportOnly());
    }

    /** A dry run reads too, and the next run reads the same again. */
    Review log(String database, @Nullable Closure<?> block) throws SQLException {
        LogErrorsSpec spec = new LogErrorsSpec(action.texts());
        if (block != null) {
            Closures.run(block, spec);
        }
        StepContext context = action.context();
        Toolbox toolbox = action.toolbox();
        LogErrors log = new LogErrors(
                action.database(database), context.work(), toolbox.backups().state(), toolbox.clock());
        Review review = log.read(spec.plan(context.runbook(), context.runId(), !action.dryRun()));
        return new ReviewVerbs(action).told("logErrors", review, spec.isReportOnly());
    }

    /** As with {@link #log}. */
    Review auditLog(String database, @Nullable Closure<?> block) throws SQLException {
        AuditLogSpec spec = new AuditLogSpec(action.texts());
        if (block != null) {
            Closures.run(block, spec);
        }
        StepContext context = action.context();
        Toolbox toolbox = action.toolbox();
        AuditLog log = new AuditLog(
                action.database(database), context.work(), toolbox.backups().state(), toolbox.clock());
        Review review = log.read(spec.plan(context.runbook(), context.runId(), !action.dryRun()));
        return new ReviewVerbs(action).told("auditLog", review, spec.isReportOnly());
    }

    /** Asks the repository and not the server, so a dry run does it too. */
    Review backups(String database, @Nullable Closure<?> block) {
        BackupStatusSpec spec = new BackupStatusSpec();
        if (block != null) {
            Closures.run(block, spec);
        }
        String name = action.texts().require(TextKind.DATABASE, database);
        Review review = new BackupReview(
                        protection(),
                        name,
                        spec.limits(),
                        action.toolbox().clock().instant())
                .review();
        return new ReviewVerbs(action).told("backupStatus", review, spec.isReportOnly());
    }

    /** What this host's repository has. */
    private Protection protection() {
        Toolbox toolbox = action.toolbox();
        return new RepositoryState(toolbox.backups(), toolbox.receivers()::state).get();
    }
}
