package io.watchkeeper.dsl;

import groovy.lang.Closure;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.backup.Dump;
import io.watchkeeper.toolkit.backup.DumpPlan;
import io.watchkeeper.toolkit.backup.DumpResult;
import io.watchkeeper.units.Bytes;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** {@code dump}. */
record DumpVerbs(Action action) {

    DumpResult dump(String database, @Nullable Closure<?> block) throws SQLException {
        DumpSpec spec = new DumpSpec(action.texts());
        if (block != null) {
            Closures.run(block, spec);
        }
        DumpPlan plan = spec.plan();
        Database source = action.database(database);
        Database testServer = spec.testOn() == null ? source : action.database(spec.testOn());
        BackupSettings backups = action.toolbox().backups();
        Dump dump = new Dump(source, testServer, backups, action.context().work());
        if (action.dryRun()) {
            action.plan("dump", database + "  " + plan.selection(), () -> dump.describe(plan));
            action.context().shared(DescribedDumps.class, DescribedDumps::new).add(database);
            return nothingDumped(database, plan);
        }
        DumpResult result = action.heavily(HeavyWork.on(HeavyWork.Kind.BACKUP, database), () -> dump.run(plan));
        result.notes().forEach(action.context()::info);
        action.context().record(new VerbResult("dump", result.fields()));
        return result;
    }

    /** In a dry run: the databases whose dumps were described, and which a later step may restore. */
    static final class DescribedDumps {
        private final Set<String> databases = ConcurrentHashMap.newKeySet();

        void add(String database) {
            databases.add(database);
        }

        boolean has(String database) {
            return databases.contains(database);
        }
    }

    private static DumpResult nothingDumped(String database, DumpPlan plan) {
        return new DumpResult(
                "",
                database,
                plan.format().toString(),
                "",
                0,
                new Bytes(0),
                "",
                plan.chosenCompression().toString(),
                false,
                plan.globals(),
                false,
                -1,
                Duration.ZERO,
                List.of("a dry run"));
    }
}
