package io.watchkeeper.toolkit.backup;

import io.watchkeeper.files.FileDigest;
import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Restores a dump, or tables of it. A database that is missing is made under another name and gets its own when all is in it; into one
 * that is there everything goes in one transaction. Whenever this fails or the process dies, what was there is as it was.
 */
public final class DumpRestore {

    private final Database source;
    private final Function<String, Optional<Database>> configured;
    private final BackupSettings settings;
    private final Work work;

    /**
     * @param source whose dumps, as configured; its server need not run unless it is restored to
     * @param configured finds a configured database by its name
     */
    public DumpRestore(
            Database source, Function<String, Optional<Database>> configured, BackupSettings settings, Work work) {
        this.source = source;
        this.configured = configured;
        this.settings = settings;
        this.work = work;
    }

    /** What is known before anything is done. */
    private record Prepared(
            Backup dump, DumpContents contents, RestoreTarget target, List<DumpedRelation> chosen, DumpFormat format) {

        /** Those whose rows are restored. */
        List<DumpedRelation> withRows(DumpRestorePlan plan) {
            return plan.selection().schemaOnly()
                    ? List.of()
                    : chosen.stream().filter(DumpedRelation::rows).toList();
        }
    }

    private Prepared prepare(DumpRestorePlan plan) throws SQLException {
        Backup dump = find(plan);
        DumpContents contents = DumpContents.read(dump.folder());
        DumpFormat format = DumpInput.format(dump);
        List<DumpedRelation> chosen = choose(plan.selection(), contents);
        if (isPart(plan) && !format.isArchive()) {
            throw new OperatorException(
                    "dump " + dump.id() + " is plain SQL, which is restored as a whole",
                    "restore all of it into a new database and copy from there, or make dumps of format custom.");
        }
        RestoreTarget target = RestoreTarget.find(plan.into(), source, configured, work);
        RestoreConflicts.require(plan, dump, format, target, chosen);
        return new Prepared(dump, contents, target, chosen, format);
    }

    /** Whether the dump must be one that parts can be taken of. */
    private static boolean isPart(DumpRestorePlan plan) {
        DumpSelection selection = plan.selection();
        return selection.isPart() || selection.schemaOnly() || selection.dataOnly();
    }

    private Backup find(DumpRestorePlan plan) {
        Catalogue catalogue = settings.catalogue(source.name());
        Backup dump;
        if (plan.dump() != null) {
            dump = catalogue.find(plan.dump());
        } else {
            boolean part = isPart(plan);
            List<Backup> good = catalogue.backups().stream()
                    .filter(one -> one.kind() == BackupKind.DUMP && one.isGood())
                    .filter(one -> !part || DumpInput.format(one).isArchive())
                    .toList();
            if (good.isEmpty()) {
                throw new NoDumpException(
                        "there is no dump of '" + source.name() + "' in " + catalogue.folder() + " that is not damaged"
                                + (part ? " and of which parts can be restored" : ""),
                        "watchkeeper backup dump --database " + source.name() + " makes one.");
            }
            dump = good.get(good.size() - 1);
        }
        if (dump.kind() != BackupKind.DUMP) {
            throw new OperatorException(
                    "backup " + dump.id() + " is no dump but a backup of a whole cluster",
                    "it is restored to a folder: restore('" + source.name() + "') { to '/new/folder' }.");
        }
        if (!dump.isGood() && !plan.damaged()) {
            throw new OperatorException(
                    "dump " + dump.id() + " is damaged: "
                            + String.join("; ", dump.status().damages()),
                    "take another one, or say 'damaged true' to restore what can be.");
        }
        return dump;
    }

    private static List<DumpedRelation> choose(DumpSelection selection, DumpContents contents) {
        if (!selection.tables().isEmpty()) {
            return contents.choose(selection.tables());
        }
        if (!selection.schemas().isEmpty()) {
            return contents.ofSchemas(selection.schemas());
        }
        return contents.relations();
    }

    /**
     * Says what {@link #restore} would do: which dump, what of it, and what would be lost.
     *
     * @throws OperatorException when it could not be done
     */
    public List<PlannedAction> describe(DumpRestorePlan plan) throws SQLException {
        Prepared p = prepare(plan);
        String server = p.target.server().name();
        List<PlannedAction> actions = new ArrayList<>();
        actions.add(new PlannedAction(
                server,
                "-- from " + p.dump.folder(),
                LockLevel.NONE,
                -1,
                p.dump.manifest().bytes(),
                "dump " + p.dump.id() + ", " + p.format + ", of "
                        + p.dump.manifest().startedAt() + " ("
                        + DurationText.say(Duration.between(
                                p.dump.manifest().startedAt(), settings.clock().instant()))
                        + " ago)" + lastRestore(p.dump)));
        if (!p.target.exists()) {
            actions.add(new PlannedAction(
                    server,
                    p.contents.locale().create(p.target.name()),
                    LockLevel.NONE,
                    -1,
                    -1,
                    "made under another name, which it keeps until all is in it"));
        }
        Map<TableName, Long> lost = p.target.exists() ? p.target.lost(p.chosen, work) : Map.of();
        lost.forEach((table, rows) -> actions.add(new PlannedAction(
                server,
                (plan.selection().dataOnly() ? "TRUNCATE " : "DROP … ") + table.quoted(),
                LockLevel.ACCESS_EXCLUSIVE,
                rows,
                -1,
                "what is in it now is lost")));
        for (DumpedRelation table : p.withRows(plan)) {
            actions.add(new PlannedAction(
                    server,
                    "COPY " + table.tableName().quoted() + " FROM stdin",
                    p.target.has(table) ? LockLevel.ACCESS_EXCLUSIVE : LockLevel.NONE,
                    table.digest() == null ? -1 : table.digest().rows(),
                    table.bytes(),
                    p.target.exists() ? "in one transaction with all others" : ""));
        }
        return actions;
    }

    private static String lastRestore(Backup dump) {
        Double seconds = dump.status().restoreSeconds();
        return dump.status().restoredAt() == null || seconds == null
                ? ", never restored so far"
                : ", restored and compared " + dump.status().restoredAt() + " in "
                        + DurationText.say(Duration.ofMillis((long) (seconds * 1000)));
    }

    /**
     * Restores.
     *
     * @param reports the folder for what people do the rest with: the dump's roles, which are never applied here
     * @throws OperatorException when it cannot be done; what was there is as it was
     */
    public DumpRestoreResult restore(DumpRestorePlan plan, Path reports) throws SQLException {
        long begun = System.nanoTime();
        Catalogue catalogue = settings.catalogue(source.name());
        String subject = "restore into " + plan.into();
        new ScratchDatabases(settings).sweep(List.of(source));
        LockFile pin = catalogue.pin(
                find(plan).id(), "restore-" + ProcessHandle.current().pid());
        try {
            Prepared prepared = prepare(plan);
            requireWhole(catalogue, prepared.dump, plan, subject);
            List<String> notes = new ArrayList<>();
            List<RestoredTable> tables;
            try (DumpInput input = DumpInput.open(prepared.dump, settings, plan.jobs(), work)) {
                tables = prepared.target.exists()
                        ? intoExisting(plan, prepared, input, subject, notes)
                        : intoNew(plan, prepared, input, subject, notes);
            }
            Duration took = Duration.ofNanos(System.nanoTime() - begun);
            DumpRestoreResult result = new DumpRestoreResult(
                    source.name(),
                    prepared.dump.id(),
                    prepared.target.name(),
                    !prepared.target.exists(),
                    tables,
                    GlobalsFile.write(prepared.dump, settings, reports, work),
                    took,
                    notes);
            if (result.verified() && !plan.selection().isPart()) {
                catalogue.status(
                        prepared.dump.id(),
                        status -> status.withRestored(settings.clock().instant(), took.toMillis() / 1000.0));
            }
            return result;
        } finally {
            pin.close();
            work.progress(Progress.finished(subject));
        }
    }

    /** Reads all files before anything is restored from them. */
    private void requireWhole(Catalogue catalogue, Backup dump, DumpRestorePlan plan, String subject) {
        List<String> wrong = new ArrayList<>();
        long[] bytes = {0};
        for (StoredFile file : dump.manifest().files()) {
            try {
                String hash = FileDigest.of(dump.file(file), count -> {
                    bytes[0] += count;
                    work.throwIfCancelled();
                    work.progress(Progress.ofBytes(subject, "check", bytes[0], 0));
                });
                if (!hash.equals(file.sha256())) {
                    wrong.add(file.path() + " is not what was written");
                }
            } catch (IOException e) {
                wrong.add(file.path() + " cannot be read: " + e.getMessage());
            }
        }
        if (wrong.isEmpty()) {
            return;
        }
        catalogue.status(dump.id(), status -> status.withDamages(wrong));
        if (!plan.damaged()) {
            throw new OperatorException(
                    "dump " + dump.id() + " is damaged: " + String.join("; ", wrong),
                    "it is marked so and counts no more; take another one, or say 'damaged true' to restore what can be.");
        }
    }

    private List<RestoredTable> intoNew(
            DumpRestorePlan plan, Prepared p, DumpInput input, String subject, List<String> notes) throws SQLException {
        ScratchDatabases all = new ScratchDatabases(settings);
        try (ScratchDatabase making =
                all.make(p.target.server(), work, p.contents.locale(), false, Bytes.of(rowBytes(p.withRows(plan))))) {
            List<RestoredTable> tables;
            try (DatabasePools pools = making.open()) {
                Database inside = pools.database(p.target.server().name());
                DumpLoader loader = new DumpLoader(settings, work);
                DumpLoader.How how = new DumpLoader.How(
                        plan.jobs(),
                        false,
                        false,
                        plan.selection().dataOnly(),
                        plan.selection().schemaOnly(),
                        true,
                        entries(plan, p, input, loader, notes),
                        null);
                load(loader, p, input, inside, how, plan, subject);
                tables = check(p, inside, plan, subject);
            }
            requireSame(p.dump, tables, p.withRows(plan));
            making.keepAs(p.target.name(), work);
            return tables;
        }
    }

    private List<RestoredTable> intoExisting(
            DumpRestorePlan plan, Prepared p, DumpInput input, String subject, List<String> notes) throws SQLException {
        if (plan.jobs() > 1) {
            notes.add("restored by one job, because a database that is there gets all of it in one transaction");
        }
        try (DatabasePools pools = OtherDatabase.on(p.target.server(), p.target.name())) {
            Database inside = pools.database(p.target.server().name());
            DumpLoader loader = new DumpLoader(settings, work);
            boolean dataOnly = plan.selection().dataOnly();
            DumpLoader.How how = new DumpLoader.How(
                    1,
                    true,
                    plan.clean() && !dataOnly,
                    dataOnly,
                    plan.selection().schemaOnly(),
                    true,
                    entries(plan, p, input, loader, notes),
                    dataOnly && plan.clean() ? truncate(p.withRows(plan)) : null);
            load(loader, p, input, inside, how, plan, subject);
            return check(p, inside, plan, subject);
        }
    }

    private static @Nullable String truncate(List<DumpedRelation> tables) {
        return tables.isEmpty()
                ? null
                : "TRUNCATE ONLY "
                        + tables.stream()
                                .map(table -> table.tableName().quoted())
                                .collect(Collectors.joining(", ONLY "));
    }

    private void load(
            DumpLoader loader,
            Prepared p,
            DumpInput input,
            Database inside,
            DumpLoader.How how,
            DumpRestorePlan plan,
            String subject) {
        DumpProgress progress =
                new DumpProgress(work, subject, "restore", p.withRows(plan).size());
        try {
            loader.load(p.dump, input, inside.settings(), p.target.major(), how, progress);
        } catch (OperatorException e) {
            throw RestoreConflicts.explained(e, p.dump, settings);
        }
    }

    private static @Nullable TocSelection entries(
            DumpRestorePlan plan, Prepared p, DumpInput input, DumpLoader loader, List<String> notes) {
        if (!p.format.isArchive()) {
            return null;
        }
        DumpToc toc = loader.toc(p.dump, input);
        if (toc.entries().stream().anyMatch(entry -> entry.type().equals("SUBSCRIPTION"))) {
            notes.add("subscriptions were not restored: two subscribers of one slot take changes away from each other");
        }
        if (!plan.selection().isPart()) {
            return p.target.exists() ? TocSelection.allBut(toc, entry -> isSchemaThere(entry, p)) : null;
        }
        TocSelection chosen = TocSelection.of(
                toc,
                p.chosen.stream().map(DumpedRelation::oid).toList(),
                p.contents.references(),
                p.target.relations()::contains,
                Set.of());
        chosen.leftOut().forEach(text -> notes.add("left out, because it refers to what is not there: " + text));
        Set<String> needed = p.chosen.stream().map(DumpedRelation::schema).collect(Collectors.toSet());
        return p.target.exists()
                ? chosen.plus(
                        toc,
                        entry -> entry.type().equals("SCHEMA")
                                && needed.contains(schema(entry, p))
                                && !isSchemaThere(entry, p))
                : chosen.withNeeds(toc);
    }

    /** Others may have put something into it, so that it stays even where the dump's tables replace those that are there. */
    private static boolean isSchemaThere(DumpToc.Entry entry, Prepared p) {
        return entry.type().equals("SCHEMA") && p.target.schemas().contains(schema(entry, p));
    }

    private static String schema(DumpToc.Entry entry, Prepared p) {
        return p.contents.schemas().getOrDefault(entry.oid(), "");
    }

    /** Renews the planner's statistics, counts the rows, and compares them with what was dumped where that is known. */
    private List<RestoredTable> check(Prepared p, Database inside, DumpRestorePlan plan, String subject)
            throws SQLException {
        List<DumpedRelation> tables = p.withRows(plan);
        List<RestoredTable> restored = new ArrayList<>();
        try (Session session = inside.open(work)) {
            for (DumpedRelation table : tables) {
                session.runVerbatim("ANALYZE " + table.tableName().quoted());
            }
            session.begin();
            TableDigest.pinSettings(session);
            for (DumpedRelation table : tables) {
                work.progress(new Progress(subject, "compare", restored.size(), tables.size(), 0));
                if (table.digest() == null) {
                    long rows = session.oneVerbatim(
                            "select count(*) from only " + table.tableName().quoted(), row -> row.getLong(1));
                    restored.add(new RestoredTable(table.tableName(), rows, false));
                } else {
                    TableDigest found = TableDigest.read(session, table.tableName());
                    restored.add(new RestoredTable(table.tableName(), found.rows(), found.equals(table.digest())));
                }
            }
            session.rollback();
        }
        return restored;
    }

    /** Nobody else has written to a database that was just made. */
    private static void requireSame(Backup dump, List<RestoredTable> restored, List<DumpedRelation> tables) {
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < tables.size(); i++) {
            if (tables.get(i).digest() != null && !restored.get(i).verified()) {
                wrong.add(restored.get(i).table().toString());
            }
        }
        if (!wrong.isEmpty()) {
            throw new OperatorException(
                    "dump " + dump.id() + " was restored, and " + String.join(", ", wrong)
                            + " differ from what was dumped",
                    "nothing was kept; take another dump.");
        }
    }

    private static long rowBytes(List<DumpedRelation> tables) {
        return tables.stream().mapToLong(DumpedRelation::bytes).sum();
    }
}
