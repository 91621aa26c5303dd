package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes a tenant: its row, its role, its schema or its place in the shared tables, and the proof that it is kept apart, all in one
 * transaction. What shared tables lack for any tenant is done before, each table by itself. A tenant whose proof fails is not there
 * afterwards; the failed proof is kept.
 */
public final class TenantCreation {

    /** How long a statement of the proof may take while others wait for a table. */
    private static final Duration PATIENCE_UNDER_LOCK = Duration.ofSeconds(5);

    private final Database database;
    private final Work work;

    public TenantCreation(Database database, Work work) {
        this.database = database;
        this.work = work;
    }

    /**
     * Makes it.
     *
     * @param runId stands with the idempotency key and with the proof
     * @throws OperatorException when there is one already, when it may not, or when the proof fails
     */
    public TenantResult create(TenantWish wish, String runId) throws SQLException {
        try (Session session = database.open(work)) {
            TenantLedger.prepare(session);
            Optional<TenantLedger.Done> done = done(session, wish);
            if (done.isPresent()) {
                return repeated(wish);
            }
            if (wish.tenancy() == Tenancy.RLS) {
                SharedPreparation.prepare(
                        session,
                        wish.id(),
                        new TenantTransaction(wish.lockTimeout(), wish.attempts()),
                        () -> isWanted(session, wish));
            }
            List<TableName> tables =
                    SharedTable.all(session).stream().map(SharedTable::name).toList();
            Optional<Made> result = new TenantTransaction(wish.lockTimeout(), wish.attempts())
                    .run(session, tables, () -> make(session, wish, runId));
            if (result.isEmpty()) {
                return repeated(wish);
            }
            Made made = result.get();
            Optional<OperatorException> failure = made.proof().failure();
            if (failure.isPresent()) {
                TenantLedger.record(session, wish.id(), runId, made.proof());
                throw failure.get();
            }
            return new TenantResult(
                    database.name(),
                    wish.id(),
                    wish.region(),
                    wish.plan(),
                    wish.tenancy(),
                    made.tables(),
                    made.proof(),
                    made.notes(),
                    false);
        }
    }

    /**
     * Whether it could be made now, for who is to be answered at once.
     *
     * @return what became of the same wish before; empty when it has not been done
     * @throws TenantTaken when there is something of that name already
     * @throws OperatorException when it cannot be made for another reason
     */
    public Optional<TenantLedger.Done> check(TenantWish wish) throws SQLException {
        try (Session session = database.open(work)) {
            session.query("select set_config('statement_timeout', '5s', false)");
            Optional<TenantLedger.Done> done = done(session, wish);
            if (done.isEmpty()) {
                requireFree(session, wish.id());
                if (wish.tenancy() == Tenancy.SCHEMA) {
                    new TemplateSchema(session).require();
                }
            }
            return done;
        }
    }

    private TenantResult repeated(TenantWish wish) {
        Proof none = new Proof(wish.id(), List.of(), Map.of());
        return new TenantResult(
                database.name(),
                wish.id(),
                wish.region(),
                wish.plan(),
                wish.tenancy(),
                List.of(),
                none,
                List.of(),
                true);
    }

    /** @throws OperatorException when the key stands for another wish */
    private static Optional<TenantLedger.Done> done(Session session, TenantWish wish) throws SQLException {
        if (wish.key() == null) {
            return Optional.empty();
        }
        Optional<TenantLedger.Done> done = TenantLedger.done(session, wish.key());
        if (done.isPresent() && !done.get().digest().equals(wish.digest())) {
            throw new OperatorException(
                    "the idempotency key '" + wish.key() + "' was used for another tenant, region or plan",
                    "a new wish takes a new key.");
        }
        return done;
    }

    /** What is wrong anyway is said before anything is changed. @return false when the wish was done meanwhile */
    private static boolean isWanted(Session session, TenantWish wish) throws SQLException {
        if (done(session, wish).isPresent()) {
            return false;
        }
        requireFree(session, wish.id());
        return true;
    }

    private record Made(List<String> tables, Proof proof, List<String> notes) {}

    /** @return empty when somebody else has done the same wish meanwhile */
    private Optional<Made> make(Session session, TenantWish wish, String runId) throws SQLException {
        // Whoever had the lock before may have done this very wish, or have taken the id for another one.
        if (done(session, wish).isPresent()) {
            return Optional.empty();
        }
        requireFree(session, wish.id());
        session.runVerbatim("SAVEPOINT watchkeeper_tenant");
        TenantRoles.requireGroups(session);
        TenantLedger.requireTenants(session);
        TenantLedger.add(session, wish, runId);
        session.runVerbatim(TenantRoles.create(wish.id()));
        Made made = wish.tenancy() == Tenancy.SCHEMA ? ownSchema(session, wish.id()) : sharedTables(session, wish.id());
        for (TenantLedger.Further column : TenantLedger.further(session)) {
            made.notes()
                    .add(TenantLedger.TENANTS + "." + column.name() + " has no default, so it was set to "
                            + (column.number() ? "0" : "the id"));
        }
        if (made.proof().passed()) {
            TenantLedger.record(session, wish.id(), runId, made.proof());
        } else {
            session.runVerbatim("ROLLBACK TO SAVEPOINT watchkeeper_tenant");
        }
        return Optional.of(made);
    }

    /** @throws OperatorException when something of the tenant is there already, which might be anybody's */
    static void requireFree(Session session, TenantId id) throws SQLException {
        if (TenantLedger.find(session, id).isPresent()) {
            throw TenantLedger.duplicate(session, id, null);
        }
        // What goes on by such a record would take a new tenant's rows for what is left of an old one.
        for (String left : LeftBehind.records(session, id)) {
            throw new TenantTaken(
                    "database '" + session.database().name() + "' has a record of tenant '" + id + "' on its way in "
                            + left,
                    "choose another id; or look at the record, whether something of that tenant is left, and DELETE it.",
                    null);
        }
        if (TenantRoles.exists(session, id.role())) {
            throw new TenantTaken(
                    "the server of database '" + session.database().name() + "' has a role " + id.role() + " already",
                    "roles belong to all databases of a server, and nobody knows what this one may do: choose another id, or DROP ROLE "
                            + Identifiers.quote(id.role()) + "; where it is a left-over.",
                    null);
        }
        if (session.one("select to_regnamespace(quote_ident(?)) is not null", row -> row.getBoolean(1), id.schema())) {
            throw new TenantTaken(
                    "database '" + session.database().name() + "' has a schema " + id.schema() + " already",
                    "choose another id, or look what is in it and drop it.",
                    null);
        }
    }

    private Made ownSchema(Session session, TenantId id) throws SQLException {
        new TemplateSchema(session).make(id, id.schema());
        Proof proof = new TenantProof(session, id).ofSchema(SharedTable.all(session));
        List<String> tables = session.list(
                "select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                        + " where n.nspname = ? and c.relkind = 'r' order by c.relname",
                row -> row.getString(1), id.schema());
        return new Made(tables, proof, new ArrayList<>());
    }

    private Made sharedTables(Session session, TenantId id) throws SQLException {
        List<SharedTable> tables = SharedTable.all(session);
        // Only for a table that came up a moment ago.
        boolean locked = TableSetup.complete(session, tables);
        session.runVerbatim(TenantRoles.join(id));
        SharedPreparation.requireNoHoles(session, id);
        TenantProof trial = locked ? new TenantProof(session, id, PATIENCE_UNDER_LOCK) : new TenantProof(session, id);
        Proof proof = trial.ofRows(tables);
        return new Made(
                tables.stream().map(one -> one.name().toString()).toList(), proof, notes(session, tables, proof));
    }

    private static List<String> notes(Session session, List<SharedTable> tables, Proof proof) throws SQLException {
        List<String> notes = new ArrayList<>();
        if (tables.isEmpty()) {
            notes.add("no table has a column tenant_id, so there was nothing to prove");
        }
        proof.unproven()
                .forEach((table, why) ->
                        notes.add(table + ": only rows that were there already were looked for, because " + why));
        for (SharedTable table : tables) {
            boolean indexed = session.one("""
                    select exists (select from pg_index x join pg_attribute a on a.attrelid = x.indrelid and a.attnum = x.indkey[0]
                                    where x.indrelid = ?::oid and x.indisvalid and x.indpred is null and a.attname = 'tenant_id')""", row -> row.getBoolean(1), table.oid());
            if (!indexed) {
                notes.add(table.name()
                        + " has no index that begins with tenant_id, and every question of a tenant reads all of it: "
                        + "CREATE INDEX CONCURRENTLY ON " + table.name().quoted() + " (tenant_id)");
            }
        }
        return notes;
    }

    /** What {@link #create} would do; changes nothing. @throws OperatorException as it would */
    public List<PlannedAction> describe(TenantWish wish) throws SQLException {
        try (Session session = database.open(work)) {
            if (done(session, wish).isPresent()) {
                return List.of();
            }
            requireFree(session, wish.id());
            List<PlannedAction> actions = new ArrayList<>();
            actions.add(action(
                    "INSERT INTO " + TenantLedger.TENANTS
                            + " (id, region, plan, status, created_at) VALUES (?, ?, ?, 'active', now())",
                    LockLevel.ROW_EXCLUSIVE,
                    ""));
            actions.add(action(TenantRoles.create(wish.id()), LockLevel.NONE, ""));
            if (wish.tenancy() == Tenancy.SCHEMA) {
                TemplateSchema template = new TemplateSchema(session);
                template.require();
                actions.add(
                        action("CREATE SCHEMA " + Identifiers.quote(wish.id().schema()), LockLevel.NONE, ""));
                session.begin();
                try {
                    template.statements(wish.id()).forEach(sql -> actions.add(action(sql, LockLevel.NONE, "")));
                } finally {
                    session.rollback();
                }
            } else {
                describeShared(session, actions);
                actions.add(action(TenantRoles.join(wish.id()), LockLevel.NONE, ""));
            }
            actions.add(action(
                    "SET LOCAL ROLE " + Identifiers.quote(wish.id().role()),
                    LockLevel.ROW_EXCLUSIVE,
                    "the proof, which is rolled back; if it fails, all of the above is"));
            return actions;
        }
    }

    private void describeShared(Session session, List<PlannedAction> actions) throws SQLException {
        boolean first = !TenantRoles.exists(session, TenantRoles.GROUP);
        for (String group : TenantRoles.GROUPS) {
            if (!TenantRoles.exists(session, group)) {
                actions.add(action(TenantRoles.createGroup(group), LockLevel.NONE, "once for a server"));
            }
        }
        for (SharedTable table : SharedTable.all(session)) {
            List<String> statements =
                    first ? RowPolicy.statements(table, Set.of()) : TableSetup.statements(session, table);
            for (String sql : statements) {
                LockLevel lock = sql.startsWith("GRANT") ? LockLevel.NONE : LockLevel.ACCESS_EXCLUSIVE;
                actions.add(action(sql, lock, lock == LockLevel.NONE ? "" : "once for a table"));
            }
        }
    }

    private PlannedAction action(String sql, LockLevel lock, String note) {
        return new PlannedAction(database.name(), sql, lock, -1, -1, note);
    }
}
