package io.watchkeeper.dsl;

import groovy.lang.Closure;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.backup.ExpiredBackups;
import io.watchkeeper.toolkit.backup.KeptBackups;
import io.watchkeeper.toolkit.backup.VerifiedBackups;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code expireBackups} and {@code verifyBackups}. */
record KeepingVerbs(Action action) {

    ExpiredBackups expire(Closure<?> block) throws SQLException {
        ExpireBackupsSpec spec = new ExpireBackupsSpec(action.texts());
        Closures.run(block, spec);
        if (spec.stanza().isPresent()) {
            return new PgBackRestVerbs(action, spec.stanza().get()).expire(spec);
        }
        KeptBackups backups = backups(spec.database());
        if (action.dryRun()) {
            action.plan("expireBackups", subject(spec.database()), () -> backups.describeExpiry(spec.policy()));
            return new ExpiredBackups(List.of());
        }
        StepContext context = action.context();
        return new ExpiredBackups(backups.expire(spec.policy(), result -> {
            context.record(new VerbResult("expireBackups", result.fields()));
            context.info(result.database() + ": " + result.summary());
        }));
    }

    VerifiedBackups verify(Closure<?> block) throws SQLException {
        VerifyBackupsSpec spec = new VerifyBackupsSpec(action.texts());
        Closures.run(block, spec);
        if (spec.stanza().isPresent()) {
            return new PgBackRestVerbs(action, spec.stanza().get()).verify(spec);
        }
        KeptBackups backups = backups(spec.database());
        if (action.dryRun()) {
            action.plan("verifyBackups", subject(spec.database()), () -> backups.describeVerification(spec.plan()));
            return new VerifiedBackups(List.of());
        }
        StepContext context = action.context();
        HeavyWork readingAll = new HeavyWork(HeavyWork.Kind.VERIFY, List.of(), null);
        return new VerifiedBackups(action.heavily(
                readingAll,
                () -> backups.verify(spec.plan(), result -> {
                    context.record(new VerbResult("verifyBackups", result.fields()));
                    context.info(result.database() + ": " + result.summary());
                })));
    }

    private KeptBackups backups(@Nullable String database) {
        return new KeptBackups(
                action.toolbox().backups(), database, action.context().work());
    }

    private static String subject(@Nullable String database) {
        return database == null ? "all databases" : database;
    }
}
