package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.AgentSchema;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which tenants a database has: the application's table {@code public.tenants}, to which its own tables refer; and what the agent keeps in
 * its own schema, where no tenant has rights: which wish was done by which run, and the proofs.
 */
public final class TenantLedger {

    static final String TENANTS = "public.tenants";

    /** The status of a tenant that was dropped. */
    static final String DROPPED = "closed";

    private static final String REQUESTS = "tenant_requests";
    private static final String PROOFS = "tenant_proofs";

    private TenantLedger() {}

    /** A tenant that is there. @param status {@code active}, {@code suspended} or {@code closed} */
    public record Tenant(TenantId id, String region, String plan, String status, Tenancy tenancy) {
        public boolean isSuspended() {
            return status.equals("suspended");
        }

        /** Whether it was dropped: its row stays, so that nobody takes its id without knowing. */
        public boolean isDropped() {
            return status.equals(DROPPED);
        }
    }

    /** A wish that was done. @param digest of it. @param runId that did it */
    public record Done(String digest, String runId) {}

    /**
     * How many tenants are proven to be kept apart, of those that are not suspended.
     *
     * @param failed tenants whose newest proof has failed
     * @param unproven tenants that were never proven
     * @param oldest the newest proof of the tenant whose newest proof is the oldest; null when there is none
     */
    public record Proven(
            int tenants, int failed, int unproven, @Nullable Instant oldest) {}

    static String create() {
        return "CREATE TABLE IF NOT EXISTS " + TENANTS
                + " (id text PRIMARY KEY, region text NOT NULL, plan text NOT NULL,"
                + " status text NOT NULL DEFAULT 'active', created_at timestamptz NOT NULL DEFAULT now())";
    }

    /** Makes the agent's own tables where they are missing; not to be called inside a transaction. */
    static void prepare(Session session) throws SQLException {
        try {
            requireRecords(session);
        } catch (SQLException e) {
            if (!SqlStates.INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                throw e;
            }
            String user = Identifiers.quote(session.database().settings().user());
            throw new OperatorException(
                    "role '" + session.database().settings().user() + "' may not keep records of tenants in database '"
                            + session.database().name() + "': " + e.getMessage(),
                    "another role has made the tables in the schema " + AgentSchema.NAME + ": ALTER TABLE "
                            + AgentSchema.NAME + "." + REQUESTS + " OWNER TO " + user + "; ALTER TABLE "
                            + AgentSchema.NAME + "." + PROOFS + " OWNER TO " + user + "; GRANT USAGE, CREATE ON SCHEMA "
                            + AgentSchema.NAME + " TO " + user + ";",
                    e);
        }
    }

    private static void requireRecords(Session session) throws SQLException {
        AgentSchema.require(
                session,
                REQUESTS,
                "key text PRIMARY KEY, digest text NOT NULL, tenant text NOT NULL, run_id text NOT NULL,"
                        + " at timestamptz NOT NULL DEFAULT now()");
        AgentSchema.require(
                session,
                PROOFS,
                "tenant text NOT NULL, at timestamptz NOT NULL DEFAULT now(), run_id text NOT NULL, passed boolean NOT NULL,"
                        + " checks jsonb NOT NULL");
        session.runVerbatim("CREATE INDEX IF NOT EXISTS tenant_proofs_tenant ON " + AgentSchema.NAME + "." + PROOFS
                + " (tenant, at)");
    }

    /** Makes the table of tenants where it is missing. @throws OperatorException when one is there with other columns */
    static void requireTenants(Session session) throws SQLException {
        List<String> columns = columns(session);
        if (columns.isEmpty()) {
            session.runVerbatim(create());
            session.runVerbatim("REVOKE ALL ON " + TENANTS + " FROM PUBLIC");
            return;
        }
        for (String needed : List.of("id", "region", "plan", "status", "created_at")) {
            if (!columns.contains(needed)) {
                throw new OperatorException(
                        TENANTS + " in database '" + session.database().name() + "' has no column " + needed,
                        "it needs id, region, plan, status and created_at: " + create() + ";");
            }
        }
    }

    private static List<String> columns(Session session) throws SQLException {
        return session.listVerbatim(
                "select attname from pg_attribute where attrelid = to_regclass('public.tenants') and attnum > 0 and not attisdropped",
                row -> row.getString(1));
    }

    /** The tenant of that id; empty where there is none, or no table of tenants. */
    public static Optional<Tenant> find(Session session, TenantId id) throws SQLException {
        return tenants(session, id.text()).stream().findFirst();
    }

    /** All tenants, by id; a row whose id could not be a tenant's is left out. */
    public static List<Tenant> all(Session session) throws SQLException {
        return tenants(session, null);
    }

    /** @throws OperatorException when there is no tenant of that id */
    static Tenant require(Session session, TenantId id) throws SQLException {
        return find(session, id)
                .orElseThrow(() -> new OperatorException(
                        "database '" + session.database().name() + "' has no tenant '" + id + "'",
                        "watchkeeper tenant list shows them."));
    }

    /** @throws OperatorException when there is no tenant of that id, or not any more */
    static Tenant requireThere(Session session, TenantId id) throws SQLException {
        Tenant tenant = require(session, id);
        if (tenant.isDropped()) {
            throw new OperatorException(
                    "tenant '" + id + "' was dropped",
                    "docs/tenants.md says how it comes back from its archive; SELECT * FROM watchkeeper.tenant_drops; names that.");
        }
        return tenant;
    }

    private static List<Tenant> tenants(Session session, @Nullable String id) throws SQLException {
        if (columns(session).isEmpty()) {
            return List.of();
        }
        return session.list(
                """
                select t.id::text, t.region::text, t.plan::text, t.status::text,
                       exists (select from pg_namespace n where n.nspname = 'tenant_' || t.id::text)
                  from public.tenants t
                 where (?::text is null or t.id::text = ?) and t.id::text ~ '^[a-z][a-z0-9_-]{0,40}$'
                 order by t.id""",
                row -> new Tenant(
                        new TenantId(row.getString(1)),
                        String.valueOf(row.getString(2)),
                        String.valueOf(row.getString(3)),
                        String.valueOf(row.getString(4)),
                        row.getBoolean(5) ? Tenancy.SCHEMA : Tenancy.RLS),
                id,
                id);
    }

    /** What became of the wish with this key; empty when it was not done. */
    public static Optional<Done> done(Session session, String key) throws SQLException {
        if (!AgentSchema.has(session, REQUESTS)) {
            return Optional.empty();
        }
        return session
                .list(
                        "select digest, run_id from watchkeeper.tenant_requests where key = ?",
                        row -> new Done(row.getString(1), row.getString(2)),
                        key)
                .stream()
                .findFirst();
    }

    /** Adds the tenant and the key of the wish, in the transaction that makes it. @throws OperatorException for a duplicate */
    static void add(Session session, TenantWish wish, String runId) throws SQLException {
        try {
            if (wish.key() != null) {
                session.update(
                        "insert into watchkeeper.tenant_requests (key, digest, tenant, run_id) values (?, ?, ?, ?)",
                        wish.key(),
                        wish.digest(),
                        wish.id().text(),
                        runId);
            }
            insert(session, wish.id(), wish.region(), wish.plan());
        } catch (SQLException e) {
            if (SqlStates.isDuplicate(e)) {
                throw duplicate(session, wish.id(), e);
            }
            throw e;
        }
    }

    /** A column that has to be filled, beside those of every table of tenants. */
    record Further(String name, boolean number) {}

    /** What an application's own table wants filled without saying with what. */
    static List<Further> further(Session session) throws SQLException {
        return session.listVerbatim("""
                select a.attname, t.typcategory = 'N' from pg_attribute a join pg_type t on t.oid = a.atttypid
                 where a.attrelid = to_regclass('public.tenants') and a.attnum > 0 and not a.attisdropped and a.attnotnull
                   and not a.atthasdef and a.attidentity = '' and t.typcategory in ('S', 'N')
                   and a.attname not in ('id', 'region', 'plan', 'status', 'created_at') order by a.attnum""", row -> new Further(row.getString(1), row.getBoolean(2)));
    }

    /** Adds a row; further texts, a name for example, are the id, and further numbers are zero. */
    static void insert(Session session, TenantId id, String region, String plan) throws SQLException {
        List<Further> more = further(session);
        List<@Nullable Object> values = new ArrayList<>(List.of(id.text(), region, plan));
        more.forEach(column -> values.add(column.number() ? 0 : id.text()));
        List<String> names =
                more.stream().map(column -> Identifiers.quote(column.name())).toList();
        session.update(
                "insert into public.tenants (id, region, plan, status, created_at" + prefixed(", ", names)
                        + ") values (?, ?, ?, 'active', now()" + ", ?".repeat(more.size()) + ")",
                values.toArray());
    }

    private static String prefixed(String comma, List<String> names) {
        return names.stream().map(comma::concat).collect(Collectors.joining());
    }

    static OperatorException duplicate(Session session, TenantId id, @Nullable Throwable cause) throws SQLException {
        Optional<Tenant> there = cause == null ? find(session, id) : Optional.empty();
        if (there.isPresent() && there.get().isDropped()) {
            return new TenantTaken(
                    "database '" + session.database().name() + "' had a tenant '" + id + "', which was dropped",
                    "choose another id, so that nobody takes one for the other; where it is meant: DELETE FROM public.tenants WHERE id = "
                            + Identifiers.quoteLiteral(id.text()) + ";",
                    null);
        }
        return new TenantTaken(
                "database '" + session.database().name() + "' has a tenant '" + id + "' already",
                "watchkeeper tenant list shows them; choose another id.",
                cause);
    }

    /** How the newest proofs of all tenants stand. */
    public static Proven proven(Session session) throws SQLException {
        List<String> tenants = all(session).stream()
                .filter(one -> !one.isSuspended())
                .map(one -> one.id().text())
                .toList();
        if (tenants.isEmpty() || !AgentSchema.has(session, PROOFS)) {
            return new Proven(tenants.size(), 0, tenants.size(), null);
        }
        return session.one(
                """
                select count(*) filter (where not last.passed), count(*) filter (where last.at is null),
                       extract(epoch from min(last.at))::double precision
                  from unnest(?::text[]) t(id)
                  left join lateral (select p.at, p.passed from watchkeeper.tenant_proofs p where p.tenant = t.id
                                      order by p.at desc limit 1) last on true""",
                row -> {
                    double oldest = row.getDouble(3);
                    Instant at = row.wasNull() ? null : Instant.ofEpochMilli(Math.round(oldest * 1e3));
                    return new Proven(tenants.size(), row.getInt(1), row.getInt(2), at);
                },
                tenants);
    }

    static void setStatus(Session session, TenantId id, String status) throws SQLException {
        session.update("update public.tenants set status = ? where id = ?", status, id.text());
    }

    static void remove(Session session, TenantId id) throws SQLException {
        session.update("delete from public.tenants where id = ?", id.text());
        // The key stands for the tenant that was made: sent again, it must not make another one.
    }

    static void record(Session session, TenantId id, String runId, Proof proof) throws SQLException {
        session.update(
                "insert into watchkeeper.tenant_proofs (tenant, run_id, passed, checks) values (?, ?, ?, ?::jsonb)",
                id.text(),
                runId,
                proof.passed(),
                proof.json());
    }
}
