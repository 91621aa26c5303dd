package io.watchkeeper.toolkit.backup;

import io.watchkeeper.files.FreeSpace;
import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.wal.WalChain;
import io.watchkeeper.toolkit.wal.WalContinuity;
import io.watchkeeper.units.Bytes;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes a base backup of a cluster with pg_basebackup, its log with it, so that it can be started by itself; with archived log it leads to
 * any later moment.
 *
 * <p>Nothing is a backup before everything of it is on the disk and verified. If the process dies before that, pg_basebackup dies with it,
 * and what is left is removed before the next one.
 */
public final class BaseBackup {

    /** The manifest's options that a restore looks at. */
    static final String FORMAT = "format";

    /** Followed by the tablespace's number: its folder on the server. */
    static final String TABLESPACE = "tablespace.";

    private final Database database;
    private final BackupSettings settings;
    private final Work work;
    private final Duration silence;

    public BaseBackup(Database database, BackupSettings settings, Work work) {
        this(database, settings, work, BaseBackupWatch.SILENCE);
    }

    /** @param silence after which a server that does not answer is given up */
    BaseBackup(Database database, BackupSettings settings, Work work, Duration silence) {
        this.database = database;
        this.settings = settings;
        this.work = work;
        this.silence = silence;
    }

    /**
     * Makes it.
     *
     * @throws OperatorException when server, tools, disk or link do not let it be made; the catalogue is as it was then
     */
    public BaseBackupResult run(BaseBackupPlan plan) throws SQLException {
        long began = System.nanoTime();
        Catalogue catalogue = settings.catalogue(database.name());
        PreparedBaseBackup prepared = new BaseBackupPreparation(database, settings, work, plan).prepare(catalogue);
        LockFile lock = catalogue.lock("a base backup, " + work.applicationName());
        try {
            catalogue.sweep();
            FreeSpace.require(catalogue.folder(), prepared.needed(), "the base backup of '" + database.name() + "'");
            return make(catalogue, prepared, began);
        } finally {
            lock.close();
        }
    }

    private BaseBackupResult make(Catalogue catalogue, PreparedBaseBackup prepared, long began) {
        try (BackupDraft draft = catalogue.begin(prepared.kind())) {
            String label = Optional.ofNullable(prepared.plan().label()).orElse("watchkeeper " + draft.id());
            ReceivedBaseBackup received =
                    new BaseBackupReception(database, work, prepared, draft.folder(), silence).receive(label);
            Duration copying = Duration.ofNanos(System.nanoTime() - began);
            if (prepared.checkers() != null) {
                new BaseBackupVerification(prepared, prepared.checkers(), draft.folder(), work).verify(received);
            }
            discardReadable(prepared, draft.folder());
            work.throwIfCancelled();
            Duration sinceAsked = Duration.ofNanos(System.nanoTime() - began);
            Backup backup = draft.finish(
                    manifest(draft.id(), label, prepared, received.manifest(), sinceAsked), received.stored());
            return new BaseBackupResult(
                    backup,
                    prepared.checkers() != null,
                    Duration.ofNanos(System.nanoTime() - began),
                    copying,
                    prepared.notes(),
                    archive(catalogue, backup));
        }
    }

    /** All of the archive, and not from this backup on: a gap before it takes the use out of older ones. */
    private static @Nullable WalChain archive(Catalogue catalogue, Backup backup) {
        WalContinuity continuity =
                WalContinuity.of(catalogue.wal(), backup.manifest().walSegmentSize());
        return continuity
                .oldest()
                .map(first -> continuity.from(first.timeline(), first.start()))
                .orElse(null);
    }

    private static void discardReadable(PreparedBaseBackup prepared, Path folder) {
        try {
            BaseBackupReception.discardReadable(folder, prepared.encryption(), prepared.received());
        } catch (IOException e) {
            throw new OperatorException(
                    "what is readable of the backup cannot be removed from " + folder + ": " + e.getMessage(), null, e);
        }
    }

    /** Times are by the server's clock, as those of the transactions that a restore is asked for. */
    private BackupManifest manifest(
            String id, String label, PreparedBaseBackup prepared, ServerManifest sent, Duration sinceAsked) {
        BackedUpServer server = prepared.server();
        Map<String, String> options = new TreeMap<>();
        options.put(FORMAT, prepared.format().toString());
        options.put("label", label);
        options.put("checkpoint", prepared.plan().fastCheckpoint() ? "fast" : "spread");
        options.put("from", server.standby() ? "standby" : "primary");
        if (prepared.compressAt() != null) {
            options.put("compressAt", prepared.compressAt().toString());
        }
        if (prepared.plan().rateLimit() != null) {
            options.put("rateLimit", prepared.plan().rateLimit() + "/s");
        }
        server.tablespaces().forEach(one -> options.put(TABLESPACE + one.oid(), one.location()));
        Instant started = server.now();
        return new BackupManifest(
                id,
                prepared.kind(),
                BackupManifest.NATIVE,
                database.name(),
                server.databaseName(),
                server.version(),
                server.systemId(),
                sent.timeline(),
                sent.start(),
                sent.end(),
                started,
                started.plus(sinceAsked),
                server.walSegmentSize(),
                List.of(),
                Map.of("pg_basebackup", prepared.toolVersion()),
                prepared.encryption() == null ? "" : "age",
                prepared.compression(),
                prepared.parent() == null ? null : prepared.parent().backup().id(),
                options);
    }

    /** What {@link #run} would do. Changes nothing. */
    public List<PlannedAction> describe(BaseBackupPlan plan) throws SQLException {
        Catalogue catalogue = settings.catalogue(database.name());
        PreparedBaseBackup prepared = new BaseBackupPreparation(database, settings, work, plan).prepare(catalogue);
        List<String> notes = new ArrayList<>(prepared.notes());
        Optional<Bytes> free = FreeSpace.of(catalogue.folder());
        notes.add(
                0,
                prepared.kind() + " backup into " + catalogue.folder() + ", at most " + prepared.needed()
                        + free.map(bytes -> ", " + bytes + " free").orElse(""));
        if (free.isPresent() && free.get().compareTo(prepared.needed()) < 0) {
            notes.add("would be refused now: too little is free");
        }
        LockFile.holder(catalogue.folder().resolve("lock"))
                .ifPresent(holder -> notes.add("would be refused now: " + holder + " holds the lock of these backups"));
        if (prepared.server().bytes() == 0) {
            notes.add("the role may not see how large the databases are (GRANT pg_read_all_stats)");
        }
        String command = prepared.command(catalogue.backupsFolder().resolve("NEW"), "watchkeeper NEW")
                .text();
        return List.of(new PlannedAction(
                database.name(), command, LockLevel.NONE, -1, prepared.server().bytes(), String.join("; ", notes)));
    }
}
