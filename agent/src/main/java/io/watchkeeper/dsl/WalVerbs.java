package io.watchkeeper.dsl;

import groovy.lang.Closure;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.backup.Backup;
import io.watchkeeper.toolkit.backup.BackupManifest;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.backup.Catalogue;
import io.watchkeeper.toolkit.wal.WalArchivePlan;
import io.watchkeeper.toolkit.wal.WalArchiveResult;
import io.watchkeeper.toolkit.wal.WalArchiver;
import io.watchkeeper.toolkit.wal.WalStart;
import io.watchkeeper.units.Bytes;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code walArchive}. */
record WalVerbs(Action action) {

    private static final String VERB = "walArchive";

    WalArchiveResult archive(String database, @Nullable Closure<?> block) throws SQLException {
        WalArchiveSpec spec = new WalArchiveSpec();
        if (block != null) {
            Closures.run(block, spec);
        }
        Database where = action.database(database);
        if (spec.stanza().isPresent()) {
            return new PgBackRestVerbs(action, spec.stanza().get()).archive(where, spec);
        }
        BackupSettings settings = action.toolbox().backups();
        WalArchivePlan plan = spec.plan(settings);
        Catalogue catalogue = settings.catalogue(database);
        WalArchiver archiver = new WalArchiver(
                where,
                catalogue.wal(),
                action.toolbox().receivers(),
                action.context().work(),
                action.toolbox().clock(),
                newestBase(catalogue).orElse(null));
        if (action.dryRun()) {
            action.plan(
                    VERB,
                    database + "  → " + catalogue.wal().folder(),
                    () -> spec.ends() ? archiver.describeEnd() : archiver.describe(plan));
            return nothingDone(database, plan, catalogue.wal().folder());
        }
        WalArchiveResult result = spec.ends() ? archiver.end(plan) : archiver.archive(plan);
        result.notes().forEach(action.context()::info);
        action.context().record(new VerbResult(VERB, result.fields()));
        Optional<OperatorException> problem = result.problem();
        if (problem.isPresent()) {
            throw problem.get();
        }
        return result;
    }

    /** Where the newest backup begins that leads anywhere with this log. */
    private static Optional<WalStart> newestBase(Catalogue catalogue) {
        return catalogue.backups().stream()
                .filter(backup -> backup.isGood() && backup.kind().isPhysical())
                .map(Backup::manifest)
                .filter(manifest -> manifest.provider().equals(BackupManifest.NATIVE) && manifest.startLsn() != null)
                .reduce((older, newer) -> newer)
                .flatMap(manifest -> Optional.ofNullable(manifest.startLsn())
                        .map(start -> new WalStart(manifest.timeline(), start)));
    }

    private static WalArchiveResult nothingDone(String database, WalArchivePlan plan, Path folder) {
        return new WalArchiveResult(
                database,
                plan.method().name().toLowerCase(java.util.Locale.ROOT),
                null,
                folder,
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
