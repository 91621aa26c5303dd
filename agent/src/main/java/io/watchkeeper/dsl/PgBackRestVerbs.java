package io.watchkeeper.dsl;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.backup.BaseBackupResult;
import io.watchkeeper.toolkit.backup.ExpiredBackups;
import io.watchkeeper.toolkit.backup.ExpiryResult;
import io.watchkeeper.toolkit.backup.IntegrityResult;
import io.watchkeeper.toolkit.backup.VerifiedBackups;
import io.watchkeeper.toolkit.pgbackrest.PgBackRest;
import io.watchkeeper.toolkit.pgbackrest.Stanza;
import io.watchkeeper.toolkit.pgbackrest.StanzaBackupMaker;
import io.watchkeeper.toolkit.pgbackrest.StanzaBaseBackup;
import io.watchkeeper.toolkit.pgbackrest.StanzaKeeping;
import io.watchkeeper.toolkit.pgbackrest.StanzaWalArchive;
import io.watchkeeper.toolkit.wal.WalArchiveResult;
import io.watchkeeper.units.Bytes;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The verbs of backups where their block says {@code provider pgbackrest('…')}. */
record PgBackRestVerbs(Action action, Stanza stanza) {

    private PgBackRest program() {
        return PgBackRest.of(stanza, action.context().work());
    }

    WalArchiveResult archive(Database database, WalArchiveSpec spec) throws SQLException {
        spec.requirePgBackRestsOwn();
        StanzaWalArchive archive = new StanzaWalArchive(program(), database);
        if (action.dryRun()) {
            action.plan(
                    "walArchive", database.name() + "  → stanza " + stanza, () -> archive.describe(spec.mayChange()));
            return nothingArchived(database.name());
        }
        WalArchiveResult result = archive.archive(spec.mayChange());
        result.notes().forEach(action.context()::info);
        action.context().record(new VerbResult("walArchive", result.fields()));
        if (result.problem().isPresent()) {
            throw result.problem().get();
        }
        return result;
    }

    /** @param fullAfter how old the newest whole backup may be for another type than that */
    BaseBackupResult baseBackup(String database, StanzaBackupMaker.Options options, Duration fullAfter)
            throws SQLException {
        StanzaBaseBackup backup =
                new StanzaBaseBackup(program(), action.toolbox().backups(), database);
        if (action.dryRun()) {
            action.plan("baseBackup", database + "  → stanza " + stanza, () -> backup.describe(options, fullAfter));
            return BaseBackupResult.nothing(database);
        }
        BaseBackupResult result =
                action.heavily(HeavyWork.on(HeavyWork.Kind.BACKUP, database), () -> backup.run(options, fullAfter));
        result.notes().forEach(action.context()::info);
        action.context().record(new VerbResult("baseBackup", result.fields()));
        return result;
    }

    ExpiredBackups expire(ExpireBackupsSpec spec) throws SQLException {
        StanzaKeeping keeping = keeping("expireBackups", spec.database());
        if (action.dryRun()) {
            action.plan("expireBackups", "stanza " + stanza, () -> keeping.describeExpiry(spec.policy()));
            return new ExpiredBackups(List.of());
        }
        ExpiryResult result = keeping.expire(spec.policy());
        action.context().record(new VerbResult("expireBackups", result.fields()));
        action.context().info(result.database() + ": " + result.summary());
        return new ExpiredBackups(List.of(result));
    }

    /** Damage fails the step, after it was written down. */
    VerifiedBackups verify(VerifyBackupsSpec spec) throws SQLException {
        spec.requirePgBackRestsOwn();
        StanzaKeeping keeping = keeping("verifyBackups", spec.database());
        if (action.dryRun()) {
            action.plan("verifyBackups", "stanza " + stanza, keeping::describeVerification);
            return new VerifiedBackups(List.of());
        }
        IntegrityResult result = action.heavily(new HeavyWork(HeavyWork.Kind.VERIFY, List.of(), null), keeping::verify);
        action.context().record(new VerbResult("verifyBackups", result.fields()));
        action.context().info(result.database() + ": " + result.summary());
        if (result.failure().isPresent()) {
            throw result.failure().get();
        }
        return new VerifiedBackups(List.of(result));
    }

    private StanzaKeeping keeping(String verb, @Nullable String database) {
        if (database == null) {
            throw new OperatorException(
                    "'" + verb + "' with provider pgbackrest does not say whose backups stanza '" + stanza + "' holds",
                    "add 'database' with the database's name.");
        }
        return new StanzaKeeping(program(), action.toolbox().backups(), database);
    }

    private static WalArchiveResult nothingArchived(String database) {
        return new WalArchiveResult(
                database,
                "pgbackrest",
                null,
                Path.of(""),
                false,
                0,
                null,
                0,
                null,
                Bytes.of(0),
                Bytes.of(0),
                List.of(),
                List.of(),
                0,
                List.of("a dry run"),
                Duration.ZERO,
                null);
    }
}
