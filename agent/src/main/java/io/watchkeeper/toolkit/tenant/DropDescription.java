package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.toolkit.backup.TableArchive;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What dropping a tenant would do, in its order. Changes nothing. */
record DropDescription(Session session, DropPlan plan, TableArchive archive) {

    List<PlannedAction> actions() throws SQLException {
        TenantId id = plan.tenant();
        TenantLedger.Tenant tenant = TenantLedger.require(session, id);
        boolean begun = DropLedger.find(session, id).isPresent();
        if (tenant.isDropped() && !begun) {
            return List.of();
        }
        if (!begun) {
            new DropCheck(session, tenant).require();
            archive.require();
        }
        List<PlannedAction> actions = new ArrayList<>();
        if (!tenant.isSuspended() || !TenantDoor.isShut(session, tenant)) {
            for (String sql : TenantDoor.statements(session, tenant, TenantDoor.SUSPENDED)) {
                actions.add(action(
                        sql,
                        LockLevel.NONE,
                        -1,
                        "it is not suspended, and refused as long as it is not: suspendTenant does that"));
            }
        }
        if (tenant.tenancy() == Tenancy.SCHEMA) {
            actions.addAll(archive.describeSchema(id.schema()));
            for (TenantTable table : TenantTable.allOf(session, id.schema())) {
                actions.add(action(
                        "DROP TABLE " + table.name().quoted(), LockLevel.ACCESS_EXCLUSIVE, table.count(session), ""));
            }
            actions.add(action("DROP SCHEMA " + Identifiers.quote(id.schema()), LockLevel.ACCESS_EXCLUSIVE, -1, ""));
        } else {
            for (TenantTable table : TableOrder.childrenFirst(session, id)) {
                long rows = table.count(session);
                actions.add(action(
                        "CREATE TABLE " + Identifiers.quote(id.archiveSchema()) + "."
                                + Identifiers.quote(table.name().name()) + " AS SELECT * FROM "
                                + table.name().quoted() + " t WHERE " + table.mine("t"),
                        LockLevel.ACCESS_SHARE,
                        rows,
                        "dumped, restored beside and compared; gone at the end"));
                actions.add(action(
                        "DELETE FROM " + table.name().quoted() + " t WHERE " + table.mine("t"),
                        LockLevel.ROW_EXCLUSIVE,
                        rows,
                        plan.gentleness().batch() + " rows at a time, once all are archived"));
            }
        }
        String role = Identifiers.quote(id.role());
        actions.add(action(
                "DROP OWNED BY " + role + "; DROP ROLE " + role, LockLevel.NONE, -1, "its rights; it owns nothing"));
        actions.add(action(
                "UPDATE " + TenantLedger.TENANTS + " SET status = '" + TenantLedger.DROPPED + "' WHERE id = ?",
                LockLevel.ROW_EXCLUSIVE,
                1,
                "the row stays, so that nobody takes the id without knowing"));
        return actions;
    }

    private PlannedAction action(String sql, LockLevel lock, long rows, String note) {
        return new PlannedAction(session.database().name(), sql, lock, rows, -1, note);
    }
}
