package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.AgentSchema;
import io.watchkeeper.postgres.Session;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which tenants were dropped or are on their way out, and where their rows are archived. What was done stays on record. */
final class DropLedger {

    private static final String TABLE = "tenant_drops";
    private static final String OPEN = " where tenant = ? and ended_at is null";

    private DropLedger() {}

    /**
     * A tenant on its way out.
     *
     * @param form that it had
     * @param archive by which its rows are known to be archived; null as long as they are not
     * @param before rows of this transaction and later ones are not in the archive; null for a schema
     * @param sums of the rows, a line for each table
     */
    record Drop(
            Tenancy form,
            @Nullable String archive,
            @Nullable String before,
            List<String> sums) {}

    static void prepare(Session session) throws SQLException {
        AgentSchema.require(
                session,
                TABLE,
                "tenant text NOT NULL, form text NOT NULL, run_id text NOT NULL, archive text, before text,"
                        + " sums text NOT NULL DEFAULT '', begun_at timestamptz NOT NULL DEFAULT now(), ended_at timestamptz");
    }

    /** The one that did not end yet. */
    static Optional<Drop> find(Session session, TenantId id) throws SQLException {
        if (!AgentSchema.has(session, TABLE)) {
            return Optional.empty();
        }
        return session
                .list(
                        "select form, archive, before, sums from watchkeeper.tenant_drops" + OPEN,
                        row -> new Drop(
                                Tenancy.of(row.getString(1)),
                                row.getString(2),
                                row.getString(3),
                                row.getString(4).isEmpty()
                                        ? List.of()
                                        : List.of(row.getString(4).split("\n"))),
                        id.text())
                .stream()
                .findFirst();
    }

    /** The tenants whose rows are not known to be archived yet. */
    static List<TenantId> unarchived(Session session) throws SQLException {
        if (!AgentSchema.has(session, TABLE)) {
            return List.of();
        }
        return session.listVerbatim(
                "select distinct tenant from watchkeeper.tenant_drops where ended_at is null and archive is null order by 1",
                row -> new TenantId(row.getString(1)));
    }

    static void begin(Session session, TenantId id, Tenancy form, String runId) throws SQLException {
        session.update(
                "insert into watchkeeper.tenant_drops (tenant, form, run_id) values (?, ?, ?)",
                id.text(),
                form.word(),
                runId);
    }

    static void archived(
            Session session, TenantId id, @Nullable String archive, @Nullable String before, List<String> sums)
            throws SQLException {
        session.update(
                "update watchkeeper.tenant_drops set archive = ?, before = ?, sums = ?" + OPEN,
                archive,
                before,
                String.join("\n", sums),
                id.text());
    }

    static void end(Session session, TenantId id) throws SQLException {
        session.update("update watchkeeper.tenant_drops set ended_at = now()" + OPEN, id.text());
    }

    /** Of one that did not remove anything yet. */
    static void forget(Session session, TenantId id) throws SQLException {
        session.update("delete from watchkeeper.tenant_drops" + OPEN + " and archive is null", id.text());
    }
}
