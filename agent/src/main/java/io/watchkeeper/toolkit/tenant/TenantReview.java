package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whether tenants are kept apart: reads from the catalogue what could let one see another, and proves again, as the roles of tenants, that
 * nothing of others can be reached in any table with {@code tenant_id}. What the proofs put in is rolled back.
 */
public final class TenantReview {

    /** Every code that a finding can have. */
    public static final Set<String> CODES = Set.of(
            "notSecured",
            "notForced",
            "noPolicy",
            "changedPolicy",
            "extraPolicy",
            "settingAlone",
            "reachedDirectly",
            "view",
            "definer",
            "rule",
            "tooManyRights",
            "sequence",
            "defaultRights",
            "uniqueAcrossTenants",
            "foreignKeyAcrossTenants",
            "roleAttribute",
            "roleMembership",
            "memberBypasses",
            "bypassesPolicies",
            "schemaOpen",
            "makesObjects",
            "noRole",
            "proof");

    /** How many tenants are proven in one look unless said otherwise. */
    public static final int AT_MOST = 20;

    private final Database database;
    private final Work work;

    public TenantReview(Database database, Work work) {
        this.database = database;
        this.work = work;
    }

    /**
     * Looks.
     *
     * @param atMost so many tenants are proven, those whose last proof is the oldest; 0 to only read the catalogue
     * @param runId stands with the proofs
     */
    public Review review(int atMost, String runId) throws SQLException {
        try (Session session = database.open(work)) {
            List<ReviewFinding> findings = new ArrayList<>(new TenantHoles(session).find());
            List<TenantLedger.Tenant> tenants = TenantLedger.all(session);
            findings.addAll(incomplete(session, tenants));
            findings.addAll(notHeld(session, tenants));
            List<SharedTable> shared = SharedTable.all(session);
            int proven = 0;
            int checks = 0;
            if (atMost > 0 && !tenants.isEmpty()) {
                TenantLedger.prepare(session);
                for (TenantLedger.Tenant tenant : due(session, tenants, atMost)) {
                    Proof proof = prove(session, tenant, shared);
                    TenantLedger.record(session, tenant.id(), runId, proof);
                    proven++;
                    checks += proof.checks().size();
                    proof.failure()
                            .ifPresent(failure -> findings.add(new ReviewFinding(
                                    "proof",
                                    ReviewStatus.FAIL,
                                    String.valueOf(failure.getMessage()),
                                    String.valueOf(failure.hint()))));
                }
            }
            String summary = tenants.size() + " tenants, " + shared.size() + " shared tables, " + proven
                    + " tenants proven by " + checks + " checks, " + findings.size() + " findings";
            return new Review("tenants", database.name(), summary, findings, evidence(session, tenants));
        }
    }

    /** Rows without what belongs to a tenant, for example after a restore without the server's roles. */
    private static List<ReviewFinding> incomplete(Session session, List<TenantLedger.Tenant> tenants)
            throws SQLException {
        List<String> roles = session.listVerbatim(
                "select rolname from pg_roles where rolname ~ '^tenant_[a-z]'", row -> row.getString(1));
        List<TenantLedger.Tenant> without = tenants.stream()
                .filter(one -> !one.isDropped() && !roles.contains(one.id().role()))
                .toList();
        if (without.isEmpty()) {
            return List.of();
        }
        TenantId first = without.get(0).id();
        return List.of(new ReviewFinding(
                "noRole",
                ReviewStatus.WARN,
                without.size() + " tenants have no role, and so nobody sees their rows as theirs: "
                        + String.join(
                                ", ",
                                without.stream()
                                        .limit(5)
                                        .map(one -> one.id().text())
                                        .toList())
                        + (without.size() > 5 ? ", …" : ""),
                TenantRoles.create(first) + "; " + TenantRoles.join(first) + "; and so on for each"));
    }

    /** Tenants of shared tables whom the restrictive policies do not hold, or not once they are suspended. */
    private static List<ReviewFinding> notHeld(Session session, List<TenantLedger.Tenant> tenants) throws SQLException {
        return session.list(
                """
                select r.rolname, quote_ident(r.rolname) from unnest(?::text[]) t(role) join pg_roles r on r.rolname = t.role
                 where not coalesce(pg_has_role(r.oid, to_regrole('watchkeeper_held')::oid, 'USAGE'), false) order by 1""",
                row -> new ReviewFinding(
                        "roleMembership",
                        ReviewStatus.FAIL,
                        "the role " + row.getString(1) + " is no member of " + TenantRoles.HELD
                                + ": when it is suspended, " + RowPolicy.LIMIT + " does not hold it",
                        "GRANT " + TenantRoles.HELD + " TO " + row.getString(2) + ";"),
                tenants.stream()
                        .filter(one -> one.tenancy() == Tenancy.RLS)
                        .map(one -> one.id().role())
                        .toList());
    }

    private static List<TenantLedger.Tenant> due(Session session, List<TenantLedger.Tenant> tenants, int atMost)
            throws SQLException {
        List<String> order = session.list(
                """
                select t.id from unnest(?::text[]) with ordinality t(id, n)
                  left join lateral (select max(p.at) as at from watchkeeper.tenant_proofs p where p.tenant = t.id) last on true
                  join pg_roles r on r.rolname = 'tenant_' || t.id
                 order by last.at nulls first, t.n limit ?""",
                row -> row.getString(1),
                tenants.stream()
                        .filter(one -> !one.isSuspended() && !one.isDropped())
                        .map(one -> one.id().text())
                        .toList(),
                atMost);
        return tenants.stream().filter(one -> order.contains(one.id().text())).toList();
    }

    /** In a transaction that is rolled back. */
    static Proof prove(Session session, TenantLedger.Tenant tenant, List<SharedTable> shared) throws SQLException {
        session.begin();
        try {
            TenantProof proof = new TenantProof(session, tenant.id());
            return tenant.tenancy() == Tenancy.SCHEMA ? proof.ofSchema(shared) : proof.ofRows(shared);
        } catch (SQLException e) {
            if (!SqlStates.INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())
                    && !SqlStates.UNDEFINED_OBJECT.equals(e.getSQLState())) {
                throw e;
            }
            // A hole in what tells tenants apart may keep the proof itself from working, and that is a failed proof.
            return new Proof(
                    tenant.id(),
                    List.of(new Proof.Check("database", "can be proven", false, String.valueOf(e.getMessage()))),
                    Map.of());
        } finally {
            session.rollback();
        }
    }

    /** Each tenant, and each role that no policy holds. */
    private static List<Map<String, Object>> evidence(Session session, List<TenantLedger.Tenant> tenants)
            throws SQLException {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (TenantLedger.Tenant tenant : tenants) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("tenant", tenant.id().text());
            row.put("region", tenant.region());
            row.put("plan", tenant.plan());
            row.put("status", tenant.status());
            row.put("tenancy", tenant.tenancy().word());
            rows.add(row);
        }
        session.listVerbatim(
                """
                select r.rolname, r.rolsuper, r.rolbypassrls,
                       (select string_agg(format('%I.%I', n.nspname, c.relname), ', ' order by c.relname)
                          from pg_class c join pg_namespace n on n.oid = c.relnamespace
                          join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
                         where c.relowner = r.oid and c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^(pg_|tenant_)')
                  from pg_roles r order by r.rolname""",
                row -> {
                    String owns = row.getString(4);
                    if (row.getBoolean(2) || row.getBoolean(3) || owns != null) {
                        Map<String, Object> role = new LinkedHashMap<>();
                        role.put("role", row.getString(1));
                        role.put("superuser", row.getBoolean(2));
                        role.put("bypassRls", row.getBoolean(3));
                        role.put("owns", owns == null ? "" : owns);
                        rows.add(role);
                    }
                    return rows.size();
                });
        return rows;
    }
}
