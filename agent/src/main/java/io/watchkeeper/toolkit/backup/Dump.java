package io.watchkeeper.toolkit.backup;

import io.watchkeeper.files.FreeSpace;
import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Dumps one database into the repository. */
public final class Dump {

    /** How much of its size a table needs in a dump, where no earlier dump tells. */
    private static final double COMPRESSED_SHARE = 0.5;

    /** Reserve above what is expected. */
    private static final double RESERVE = 1.1;

    private static final String TABLE_BYTES = "tableBytes";
    private static final String FORMAT = "format";

    private final Database source;
    private final Database testServer;
    private final BackupSettings settings;
    private final Work work;

    /** @param testServer on whose server a test restore is done, if one is wished for */
    public Dump(Database source, Database testServer, BackupSettings settings, Work work) {
        this.source = source;
        this.testServer = testServer;
        this.settings = settings;
        this.work = work;
    }

    /**
     * Says what {@link #run} would do.
     *
     * @throws OperatorException when it could not be done: a missing program, table, right or repository
     */
    public List<PlannedAction> describe(DumpPlan plan) throws SQLException {
        Catalogue catalogue = settings.catalogue(source.name());
        List<PlannedAction> actions = new ArrayList<>();
        try (Session session = source.open(work)) {
            boolean standby = session.one("select pg_is_in_recovery()", row -> row.getBoolean(1));
            SourceRelations relations = relations(session, plan, standby);
            relations.requireRights(source.name(), source.settings().user());
            int major = session.one("select current_setting('server_version_num')::int / 10000", row -> row.getInt(1));
            DumpFiles files = new DumpFiles(settings, source.settings(), major, plan, work);
            long bytes = relations.relations().stream()
                    .filter(DumpedRelation::rows)
                    .mapToLong(DumpedRelation::bytes)
                    .sum();
            actions.add(action(
                    files.command(relations.arguments(), null).text(),
                    LockLevel.ACCESS_SHARE,
                    bytes,
                    relations.tables().size() + " tables, " + Bytes.of(bytes) + " on the server, into "
                            + catalogue.folder().resolve("backups") + " as " + files.name()
                            + "; needs about " + expected(catalogue, plan, bytes)));
            if (plan.globals()) {
                actions.add(action(files.globals(true).text(), LockLevel.NONE, -1, "into " + DumpFiles.GLOBALS));
            }
        }
        if (plan.testRestore()) {
            DumpProof.require(testServer, work);
            actions.add(new PlannedAction(
                    testServer.name(),
                    "CREATE DATABASE " + ScratchDatabases.PREFIX + "…; DROP DATABASE …",
                    LockLevel.NONE,
                    -1,
                    -1,
                    "the dump is restored there, every table is compared, and it is dropped"));
        }
        return actions;
    }

    /** A plan waits for nobody long. */
    private static SourceRelations relations(Session session, DumpPlan plan, boolean standby) throws SQLException {
        try {
            return SourceRelations.read(session, plan.selection(), standby, true);
        } catch (SQLException e) {
            if (!SqlStates.LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                throw e;
            }
            return SourceRelations.read(session, plan.selection(), standby, false);
        }
    }

    private PlannedAction action(String command, LockLevel lock, long bytes, String note) {
        return new PlannedAction(source.name(), command, lock, -1, bytes, note);
    }

    /**
     * Makes a dump. When this throws, either there is none, or the one there is was found damaged by its test and says so.
     *
     * @throws OperatorException when it cannot be made, or restored, or what was restored differs
     */
    public DumpResult run(DumpPlan plan) throws SQLException {
        Catalogue catalogue = settings.catalogue(source.name());
        if (plan.testRestore()) {
            DumpProof.require(testServer, work);
        }
        long begun = System.nanoTime();
        List<String> notes = new ArrayList<>();
        String subject = "dump of " + source.name();
        try (Kept kept = make(catalogue, plan, subject, notes)) {
            long rows = -1;
            if (plan.testRestore()) {
                rows = new DumpProof(source, testServer, catalogue, settings, work)
                        .run(kept.backup, kept.contents, plan.selection().isPart(), subject);
            }
            return result(plan, kept, rows, Duration.ofNanos(System.nanoTime() - begun), notes);
        } finally {
            work.progress(Progress.finished(subject));
        }
    }

    /** A finished backup, pinned as long as it is tested. */
    private record Kept(Backup backup, DumpContents contents, LockFile pin) implements AutoCloseable {
        @Override
        public void close() {
            pin.close();
        }
    }

    private Kept make(Catalogue catalogue, DumpPlan plan, String subject, List<String> notes) throws SQLException {
        LockFile lock = catalogue.lock(work.applicationName());
        try (DumpSnapshot snapshot = DumpSnapshot.open(source, work, plan)) {
            catalogue.sweep();
            Instant begun = settings.clock().instant();
            DumpFiles files =
                    new DumpFiles(settings, source.settings(), snapshot.mark().major(), plan, work);
            FreeSpace.require(
                    catalogue.folder(),
                    expected(catalogue, plan, snapshot.contents().bytes()),
                    "the " + subject);
            try (BackupDraft draft = catalogue.begin(BackupKind.DUMP)) {
                DumpContents contents = write(draft, files, snapshot, plan, subject, notes);
                Backup backup = draft.finish(manifest(draft.id(), files, snapshot, plan, begun), files.hashes());
                String holder = "dump-" + ProcessHandle.current().pid();
                return new Kept(backup, contents, catalogue.pin(backup.id(), holder));
            }
        } finally {
            lock.close();
        }
    }

    private DumpContents write(
            BackupDraft draft,
            DumpFiles files,
            DumpSnapshot snapshot,
            DumpPlan plan,
            String subject,
            List<String> notes)
            throws SQLException {
        int tables = snapshot.contents().withRows().size();
        files.write(draft.folder(), snapshot.arguments(), new DumpProgress(work, subject, "dump", tables));
        if (plan.globals()) {
            boolean passwords = snapshot.mayReadPasswords();
            if (!passwords) {
                notes.add("the roles' passwords are not in the dump, because the role may not read them");
            }
            files.writeGlobals(draft.folder(), passwords);
        }
        DumpContents contents = plan.testRestore() ? snapshot.digested(subject) : snapshot.contents();
        try {
            BackupJson.write(draft.folder().resolve(DumpContents.FILE), contents);
        } catch (IOException e) {
            throw new OperatorException(
                    "the " + subject + " cannot be written: " + e.getMessage(),
                    "make room in " + draft.folder() + ".",
                    e);
        }
        return contents;
    }

    private BackupManifest manifest(String id, DumpFiles files, DumpSnapshot snapshot, DumpPlan plan, Instant begun) {
        DumpSnapshot.Mark mark = snapshot.mark();
        Map<String, String> options = new LinkedHashMap<>();
        options.put(FORMAT, plan.format().toString());
        options.put("tables", plan.selection().toString());
        options.put("globals", String.valueOf(plan.globals()));
        options.put(TABLE_BYTES, String.valueOf(snapshot.contents().bytes()));
        if (snapshot.isStandby()) {
            options.put("from", "a standby");
        }
        return new BackupManifest(
                id,
                BackupKind.DUMP,
                BackupManifest.NATIVE,
                source.name(),
                OtherDatabase.name(source.settings()),
                mark.serverVersion(),
                mark.systemId(),
                mark.timeline(),
                null,
                mark.lsn(),
                begun,
                settings.clock().instant(),
                mark.walSegmentSize(),
                List.of(),
                files.tools(),
                settings.encryption() == null ? "" : "age",
                plan.chosenCompression(),
                null,
                options);
    }

    /** What the dump will need: as the last one of its kind did, for the rows there are now. */
    private Bytes expected(Catalogue catalogue, DumpPlan plan, long tableBytes) {
        double share = plan.chosenCompression() == Compression.NONE ? 1 : COMPRESSED_SHARE;
        for (Backup backup : catalogue.backups()) {
            Map<String, String> options = backup.manifest().options();
            long then = Long.parseLong(options.getOrDefault(TABLE_BYTES, "0"));
            if (then > 0
                    && backup.kind() == BackupKind.DUMP
                    && plan.format().toString().equals(options.get(FORMAT))
                    && backup.manifest().compression() == plan.chosenCompression()) {
                share = (double) backup.manifest().bytes() / then;
            }
        }
        return Bytes.of((long) (tableBytes * share * RESERVE));
    }

    private DumpResult result(DumpPlan plan, Kept kept, long rows, Duration duration, List<String> notes) {
        BackupManifest manifest = kept.backup.manifest();
        return new DumpResult(
                kept.backup.id(),
                source.name(),
                plan.format().toString(),
                kept.backup.folder().toString(),
                kept.contents.withRows().size(),
                Bytes.of(manifest.bytes()),
                String.valueOf(manifest.stopLsn()),
                manifest.compression().toString(),
                !manifest.encryption().isEmpty(),
                plan.globals(),
                rows >= 0,
                rows,
                duration,
                notes);
    }
}
