package io.watchkeeper.dsl;

import groovy.lang.Closure;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.backup.BaseBackup;
import io.watchkeeper.toolkit.backup.BaseBackupPlan;
import io.watchkeeper.toolkit.backup.BaseBackupResult;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** {@code baseBackup}. */
record BaseBackupVerbs(Action action) {

    BaseBackupResult baseBackup(String name, @Nullable Closure<?> block) throws SQLException {
        Database database = action.database(name);
        BaseBackupSpec spec = new BaseBackupSpec();
        if (block != null) {
            Closures.run(block, spec);
        }
        BaseBackupPlan plan = spec.plan();
        if (spec.stanza().isPresent()) {
            return new PgBackRestVerbs(action, spec.stanza().get())
                    .baseBackup(name, spec.stanzaOptions(), plan.fullAfter());
        }
        StepContext context = action.context();
        BaseBackup backup = new BaseBackup(database, action.toolbox().backups(), context.work());
        if (action.dryRun()) {
            action.plan("baseBackup", name, () -> backup.describe(plan));
            return BaseBackupResult.nothing(name);
        }
        BaseBackupResult result = action.heavily(HeavyWork.on(HeavyWork.Kind.BACKUP, name), () -> backup.run(plan));
        context.record(new VerbResult("baseBackup", result.fields()));
        result.archiveGap().ifPresent(context::warn);
        return result;
    }
}
