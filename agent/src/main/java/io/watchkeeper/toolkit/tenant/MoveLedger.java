package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.AgentSchema;
import io.watchkeeper.postgres.Session;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which tenants are on their way to their other form, and how far; committed together with what it is about. */
final class MoveLedger {

    private static final String TABLE = "tenant_moves";
    private static final String COLUMNS =
            "tenant, target, phase, reopen, run_id, sums, mark, before, started_at < now() - interval '7 days'";

    private MoveLedger() {}

    /** How far a move is. */
    enum Phase {
        /** The old form counts; what is in the new one is worth nothing. */
        COPYING,
        /** As before, and the tenant is shut out. */
        SHUT,
        /** The new form counts; what is in the old one is to be looked at, and then removed. */
        MOVED,
        /** The old rows were looked at and are being removed. */
        REMOVING;

        boolean isOldForm() {
            return this == COPYING || this == SHUT;
        }
    }

    /**
     * A move.
     *
     * @param reopen whether the tenant was not suspended when it was shut out, and is to be let in again
     * @param sums of the rows that were moved, a line for each table
     * @param mark the transaction that switched
     * @param before rows of this transaction and later ones are not removed
     * @param stale whether it was begun more than a week ago
     */
    record Move(
            TenantId tenant,
            Tenancy to,
            Phase phase,
            boolean reopen,
            String runId,
            List<String> sums,
            @Nullable String mark,
            @Nullable String before,
            boolean stale) {}

    static void prepare(Session session) throws SQLException {
        AgentSchema.require(
                session,
                TABLE,
                "tenant text PRIMARY KEY, target text NOT NULL, phase text NOT NULL, reopen boolean NOT NULL DEFAULT false,"
                        + " run_id text NOT NULL, sums text NOT NULL DEFAULT '', mark text, before text,"
                        + " started_at timestamptz NOT NULL DEFAULT now()");
    }

    static Optional<Move> find(Session session, TenantId id) throws SQLException {
        return all(session).stream().filter(one -> one.tenant().equals(id)).findFirst();
    }

    static List<Move> all(Session session) throws SQLException {
        if (!AgentSchema.has(session, TABLE)) {
            return List.of();
        }
        return session.listVerbatim(
                "select " + COLUMNS + " from watchkeeper.tenant_moves order by tenant",
                row -> new Move(
                        new TenantId(row.getString(1)),
                        Tenancy.of(row.getString(2)),
                        Phase.valueOf(row.getString(3)),
                        row.getBoolean(4),
                        row.getString(5),
                        row.getString(6).isEmpty()
                                ? List.of()
                                : List.of(row.getString(6).split("\n")),
                        row.getString(7),
                        row.getString(8),
                        row.getBoolean(9)));
    }

    static void begin(Session session, TenantId id, Tenancy to, String runId) throws SQLException {
        session.update(
                "insert into watchkeeper.tenant_moves (tenant, target, phase, run_id) values (?, ?, 'COPYING', ?)",
                id.text(),
                to.word(),
                runId);
    }

    static void shut(Session session, TenantId id, boolean reopen) throws SQLException {
        session.update(
                "update watchkeeper.tenant_moves set phase = 'SHUT', reopen = ? where tenant = ?", reopen, id.text());
    }

    /** That whoever has suspended the tenant meanwhile wants it to stay so. */
    static void staysShut(Session session, TenantId id) throws SQLException {
        session.update("update watchkeeper.tenant_moves set reopen = false where tenant = ?", id.text());
    }

    static void opened(Session session, TenantId id) throws SQLException {
        session.update(
                "update watchkeeper.tenant_moves set phase = 'COPYING', reopen = false where tenant = ?", id.text());
    }

    static void moved(Session session, TenantId id, List<String> sums) throws SQLException {
        session.update(
                "update watchkeeper.tenant_moves set phase = 'MOVED', sums = ?, mark = pg_current_xact_id()::text where tenant = ?",
                String.join("\n", sums),
                id.text());
    }

    static void removing(Session session, TenantId id, String before) throws SQLException {
        session.update(
                "update watchkeeper.tenant_moves set phase = 'REMOVING', before = ? where tenant = ?",
                before,
                id.text());
    }

    static void end(Session session, TenantId id) throws SQLException {
        session.update("delete from watchkeeper.tenant_moves where tenant = ?", id.text());
    }
}
