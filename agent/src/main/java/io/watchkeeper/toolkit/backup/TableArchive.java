package io.watchkeeper.toolkit.backup;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Tables that leave a database and stay in the repository. They are dumps in a catalogue of their own, {@link BackupSettings#archive}: no
 * rule of retention means them, and they do not count as backups of the database.
 */
public final class TableArchive {

    private static final DumpPlan PLAN = DumpPlan.DEFAULT.withGlobals(false).withTestRestore(true);

    private final Database source;
    private final Database testServer;
    private final BackupSettings settings;
    private final Work work;

    /**
     * @param testServer on whose server what was written is restored, to compare it
     * @throws OperatorException when this host keeps no backups
     */
    public TableArchive(Database source, Database testServer, BackupSettings backups, Work work) {
        this.source = source;
        this.testServer = testServer;
        this.settings = backups.archive();
        this.work = work;
    }

    /** What {@link #write} would do. @throws OperatorException when it could not be done */
    public List<PlannedAction> describe(TableName table) throws SQLException {
        return dump().describe(plan(table));
    }

    /** What {@link #writeSchema} would do. @throws OperatorException when it could not be done */
    public List<PlannedAction> describeSchema(String schema) throws SQLException {
        return dump().describe(schemaPlan(schema));
    }

    /** @throws OperatorException when nothing could be archived: a missing right, a server that cannot take the test */
    public void require() throws SQLException {
        DumpProof.require(testServer, work);
    }

    /**
     * Writes the table and its partitions, restores them beside and compares every row.
     *
     * @return by which the archive knows it
     * @throws OperatorException when it could not be written, or what was written is not what the table holds
     */
    public String write(TableName table) throws SQLException {
        return dump().run(plan(table)).id();
    }

    /**
     * As {@link #write}, for all of a schema.
     *
     * @param schema without quotes
     */
    public String writeSchema(String schema) throws SQLException {
        return dump().run(schemaPlan(schema)).id();
    }

    private static DumpPlan schemaPlan(String schema) {
        return PLAN.withSelection(DumpSelection.ALL.withSchemas(List.of(Identifiers.quote(schema))));
    }

    private Dump dump() {
        return new Dump(source, testServer, settings, work);
    }

    private static DumpPlan plan(TableName table) {
        return PLAN.withSelection(DumpSelection.ALL.withTables(List.of(table.quoted())));
    }

    /** Reads all files of it again. @return what is wrong with it; empty when it is whole and was restored once */
    public Optional<String> problem(String id) {
        Catalogue catalogue = settings.catalogue(source.name());
        Optional<Backup> found = catalogue.entry(id);
        if (found.isEmpty()) {
            return Optional.of("archive " + id + " is not in " + catalogue.backupsFolder());
        }
        if (found.get().status().restoredAt() == null) {
            return Optional.of("archive " + id + " was never restored and compared");
        }
        if (!found.get().isGood()) {
            return Optional.of("archive " + id + " is damaged: "
                    + String.join("; ", found.get().status().damages()));
        }
        List<String> problems = BackupCheck.problems(found.get(), new ReadingPace(Bytes.gigabytes(1), work));
        if (problems.isEmpty()) {
            catalogue.status(id, status -> status.withVerified(settings.clock().instant()));
            return Optional.empty();
        }
        catalogue.status(id, status -> status.withDamages(problems));
        return Optional.of("archive " + id + " is damaged: " + String.join("; ", problems));
    }

    /**
     * Compares tables with what of them is archived, in the session's transaction, whose settings it changes.
     *
     * @param tables that hold the rows, as they are now
     * @return what differs; empty when every row is in the archive and no other
     */
    public Optional<String> difference(Session session, String id, List<TableName> tables) throws SQLException {
        Backup backup = settings.catalogue(source.name()).find(id);
        Map<TableName, TableDigest> archived = new TreeMap<>();
        for (DumpedRelation relation : DumpContents.read(backup.folder()).withRows()) {
            if (relation.kind().equals("r")) {
                archived.put(relation.tableName(), Objects.requireNonNull(relation.digest(), id));
            }
        }
        if (!archived.keySet().equals(new TreeSet<>(tables))) {
            return Optional.of("archive " + id + " holds " + archived.keySet() + ", and the tables are " + tables);
        }
        TableDigest.pinSettings(session);
        for (TableName table : tables) {
            TableDigest now = TableDigest.read(session, table);
            TableDigest then = Objects.requireNonNull(archived.get(table));
            if (!now.equals(then)) {
                return Optional.of(table + " has " + now.rows() + " rows and archive " + id + " holds " + then.rows()
                        + (now.rows() == then.rows() ? " with other values" : ""));
            }
        }
        return Optional.empty();
    }
}
