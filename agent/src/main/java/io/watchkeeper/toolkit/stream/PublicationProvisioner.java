package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TablePattern;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes a publication, or alters the one there is, so that it publishes what is asked for and nothing else. */
public final class PublicationProvisioner {

    private static final String ALL_CHANGES = "publish = 'insert, update, delete, truncate'";

    private final Database database;
    private final Work work;

    public PublicationProvisioner(Database database, Work work) {
        this.database = database;
        this.work = work;
    }

    /** What has to be done, and to which tables. */
    private record Change(
            boolean create,
            List<String> statements,
            List<TableName> added,
            List<TableName> dropped,
            List<TableName> tables,
            List<String> notes) {}

    /** A publication as the catalogue has it. */
    private record Existing(boolean allTables, boolean allChanges, boolean throughRoot, boolean owned) {}

    /**
     * Does it in one transaction; does nothing where all is as asked for.
     *
     * @throws OperatorException when the server cannot publish, the role may not, or a table's changes could not be published:
     *     without a replica identity the server would refuse UPDATE and DELETE
     */
    public PublicationResult provision(PublicationPlan plan) throws SQLException {
        try (Session session = database.open(work)) {
            Change change = change(session, plan);
            if (!change.statements().isEmpty()) {
                session.begin();
                session.runVerbatim(String.join(";\n", change.statements()));
                session.commit();
            }
            return new PublicationResult(
                    plan.name(),
                    database.name(),
                    change.create(),
                    change.added(),
                    change.dropped(),
                    change.tables(),
                    change.notes());
        }
    }

    /** The statements {@link #provision} would run. Changes nothing. */
    public List<PlannedAction> describe(PublicationPlan plan) throws SQLException {
        try (Session session = database.open(work)) {
            Change change = change(session, plan);
            String note = String.join("; ", change.notes());
            if (change.statements().isEmpty()) {
                return List.of(new PlannedAction(
                        database.name(),
                        "-- publication " + Identifiers.quote(plan.name()) + " is as asked for",
                        LockLevel.NONE,
                        -1,
                        -1,
                        note));
            }
            return change.statements().stream()
                    .map(sql -> new PlannedAction(database.name(), sql, LockLevel.SHARE_UPDATE_EXCLUSIVE, -1, -1, note))
                    .toList();
        }
    }

    private Change change(Session session, PublicationPlan plan) throws SQLException {
        PublisherSettings settings = PublisherSettings.read(session);
        settings.requireLogical(session);
        List<String> notes = new ArrayList<>(settings.warnings(database.name()));
        Map<TableName, TableShape> shapes =
                TableShape.readAll(session, TablePattern.resolve(session, plan.patterns(), plan.except()));
        List<TableName> wanted = publishable(session, plan, shapes, notes);
        requireOwned(shapes, wanted);
        Existing existing = existing(session, plan.name());
        if (existing == null) {
            requireCreate(settings, session);
            return new Change(true, List.of(create(plan, shapes, wanted)), wanted, List.of(), wanted, notes);
        }
        requireAlterable(existing, plan);
        Set<TableName> has = new TreeSet<>(tables(session, plan.name()));
        List<TableName> added = wanted.stream().filter(t -> !has.contains(t)).toList();
        List<TableName> dropped = has.stream().filter(t -> !wanted.contains(t)).toList();
        List<String> statements = new ArrayList<>();
        String alter = "ALTER PUBLICATION " + Identifiers.quote(plan.name());
        if (!added.isEmpty()) {
            statements.add(alter + " ADD TABLE " + list(shapes, added));
        }
        if (!dropped.isEmpty()) {
            statements.add(alter + " DROP TABLE "
                    + dropped.stream().map(TableName::quoted).collect(Collectors.joining(", ")));
        }
        if (!existing.allChanges() || existing.throughRoot() != plan.throughRoot()) {
            statements.add(alter + " SET (" + options(plan) + ")");
        }
        return new Change(false, statements, added, dropped, wanted, notes);
    }

    private static String create(PublicationPlan plan, Map<TableName, TableShape> shapes, List<TableName> tables) {
        return "CREATE PUBLICATION " + Identifiers.quote(plan.name()) + " FOR TABLE " + list(shapes, tables) + " WITH ("
                + options(plan) + ")";
    }

    private static String options(PublicationPlan plan) {
        return ALL_CHANGES + ", publish_via_partition_root = " + plan.throughRoot();
    }

    /** A table that others inherit from is published alone: those others are tables of their own. */
    private static String list(Map<TableName, TableShape> shapes, List<TableName> tables) {
        return tables.stream()
                .map(table -> {
                    TableShape shape = shapes.get(table);
                    return shape == null ? table.quoted() : shape.quotedAlone();
                })
                .collect(Collectors.joining(", "));
    }

    /** Leaves out what a pattern means and no log has; refuses what could be published and not be changed any more. */
    private List<TableName> publishable(
            Session session, PublicationPlan plan, Map<TableName, TableShape> shapes, List<String> notes)
            throws SQLException {
        List<TableName> rowsOf = new ArrayList<>();
        for (TableShape shape : shapes.values()) {
            rowsOf.add(shape.name());
            shape.leaves().forEach(leaf -> rowsOf.add(leaf.name()));
        }
        Map<TableName, ReplicaIdentity> identities = ReplicaIdentity.read(session, rowsOf);
        List<TableName> wanted = new ArrayList<>();
        List<String> without = new ArrayList<>();
        for (TableShape shape : shapes.values()) {
            if (shape.unlogged()) {
                notes.add(shape.name() + " is left out: an unlogged table's changes are in no log");
                continue;
            }
            wanted.add(shape.name());
            List<TableName> changed = shape.isPartitioned()
                    ? shape.leaves().stream().map(TableShape.Leaf::name).toList()
                    : List.of(shape.name());
            for (TableName table : changed) {
                ReplicaIdentity identity = identities.get(table);
                if (identity != null && identity.isMissing()) {
                    without.add(table.quoted());
                }
            }
        }
        if (!without.isEmpty()) {
            throw new OperatorException(
                    "without a replica identity UPDATE and DELETE would fail in database '" + database.name() + "' on "
                            + String.join(", ", without) + " once published",
                    "add a primary key, or  ALTER TABLE " + without.get(0)
                            + " REPLICA IDENTITY FULL;  (slow for large tables), or leave it out with except.");
        }
        if (wanted.isEmpty()) {
            throw new OperatorException(
                    "publication " + plan.name() + " of database '" + database.name() + "' would have no table",
                    "ALTER TABLE … SET LOGGED makes an unlogged table publishable.");
        }
        return wanted;
    }

    private void requireOwned(Map<TableName, TableShape> shapes, List<TableName> tables) {
        List<String> foreign = tables.stream()
                .filter(table -> shapes.get(table) != null && !shapes.get(table).owned())
                .map(TableName::quoted)
                .toList();
        if (!foreign.isEmpty()) {
            String user = database.settings().user();
            throw new OperatorException(
                    "role '" + user + "' may not publish " + String.join(", ", foreign) + " of database '"
                            + database.name() + "': only an owner may",
                    "ALTER TABLE " + foreign.get(0) + " OWNER TO " + Identifiers.quote(user)
                            + ";  or GRANT the owning role TO " + Identifiers.quote(user) + ";");
        }
    }

    private void requireCreate(PublisherSettings settings, Session session) throws SQLException {
        if (!settings.mayCreate()) {
            String user = database.settings().user();
            String name = session.one("select quote_ident(current_database())", row -> row.getString(1));
            throw new OperatorException(
                    "role '" + user + "' may not make a publication in database '" + database.name() + "'",
                    "GRANT CREATE ON DATABASE " + name + " TO " + Identifiers.quote(user) + ";");
        }
    }

    private void requireAlterable(Existing existing, PublicationPlan plan) {
        String name = Identifiers.quote(plan.name());
        if (existing.allTables()) {
            throw new OperatorException(
                    "publication " + name + " of database '" + database.name()
                            + "' is FOR ALL TABLES (or for whole schemas), which cannot be narrowed",
                    "DROP PUBLICATION " + name + ";  or choose another name.");
        }
        if (!existing.owned()) {
            throw new OperatorException(
                    "publication " + name + " of database '" + database.name() + "' belongs to another role",
                    "ALTER PUBLICATION " + name + " OWNER TO "
                            + Identifiers.quote(database.settings().user()) + ";");
        }
    }

    private static @Nullable Existing existing(Session session, String name) throws SQLException {
        // pg_publication_namespace came with 15.
        boolean schemas = session.one(
                "select to_regclass('pg_catalog.pg_publication_namespace') is not null", row -> row.getBoolean(1));
        List<Existing> found = session.list(
                "select puballtables"
                        + (schemas ? " or exists (select from pg_publication_namespace where pnpubid = p.oid)" : "")
                        + ", pubinsert and pubupdate and pubdelete and pubtruncate, pubviaroot,"
                        + " pg_has_role(pubowner, 'USAGE') from pg_publication p where pubname = ?",
                row -> new Existing(row.getBoolean(1), row.getBoolean(2), row.getBoolean(3), row.getBoolean(4)),
                name);
        return found.isEmpty() ? null : found.get(0);
    }

    private static List<TableName> tables(Session session, String publication) throws SQLException {
        return session.list(
                "select n.nspname, c.relname from pg_publication p join pg_publication_rel r on r.prpubid = p.oid"
                        + " join pg_class c on c.oid = r.prrelid join pg_namespace n on n.oid = c.relnamespace"
                        + " where p.pubname = ? order by 1, 2",
                row -> new TableName(row.getString(1), row.getString(2)),
                publication);
    }
}
