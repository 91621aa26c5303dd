package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What a move would do, in its order. Changes nothing. */
record MoveDescription(Session session, MovePlan plan) {

    List<PlannedAction> actions() throws SQLException {
        TenantId id = plan.tenant();
        TenantLedger.Tenant tenant = TenantLedger.requireThere(session, id);
        MoveCheck.requireNotLeaving(session, id);
        if (MoveLedger.find(session, id).isPresent()) {
            return List.of(action(
                    "SELECT * FROM watchkeeper.tenant_moves WHERE tenant = " + Identifiers.quoteLiteral(id.text()),
                    LockLevel.ACCESS_SHARE,
                    -1,
                    "a move was begun before and did not end: it is finished first, or taken back"));
        }
        if (tenant.tenancy() == plan.to()) {
            return List.of();
        }
        TwinTables twins = new MoveCheck(session, id, plan.to()).require();
        List<PlannedAction> actions = new ArrayList<>();
        target(actions);
        RowSync sync = new RowSync(session, new TenantPace(session, plan.gentleness()), plan.to(), id.text());
        for (TwinTable twin : twins.all()) {
            actions.add(action(
                    sync.example(plan.to() == Tenancy.SCHEMA ? inMovingSchema(twin) : twin),
                    LockLevel.ROW_EXCLUSIVE,
                    twin.source(plan.to()).count(session),
                    plan.gentleness().batch() + " rows at a time, along the primary key; again for what has changed"));
        }
        shuttingOut(actions, tenant);
        leaving(actions, twins);
        return actions;
    }

    private void target(List<PlannedAction> actions) throws SQLException {
        TenantId id = plan.tenant();
        if (plan.to() == Tenancy.RLS) {
            for (SharedTable table : SharedTable.all(session)) {
                for (String sql : TableSetup.statements(session, table)) {
                    actions.add(action(
                            sql,
                            sql.startsWith("GRANT") ? LockLevel.NONE : LockLevel.ACCESS_EXCLUSIVE,
                            -1,
                            "once for a table"));
                }
            }
            return;
        }
        actions.add(action("CREATE SCHEMA " + Identifiers.quote(id.movingSchema()), LockLevel.NONE, -1, ""));
        session.begin();
        try {
            new TemplateSchema(session)
                    .statements(id, id.movingSchema())
                    .forEach(sql -> actions.add(action(sql, LockLevel.NONE, -1, "")));
        } finally {
            session.rollback();
        }
    }

    private TwinTable inMovingSchema(TwinTable twin) {
        TenantTable own = twin.own();
        TableName name = new TableName(plan.tenant().movingSchema(), own.name().name());
        return new TwinTable(
                twin.shared(),
                new TenantTable(own.oid(), name, own.tenant(), own.columns(), own.key()),
                twin.refersToItself());
    }

    private void shuttingOut(List<PlannedAction> actions, TenantLedger.Tenant tenant) throws SQLException {
        if (!tenant.isSuspended()) {
            for (String sql : TenantDoor.statements(session, tenant, TenantDoor.SUSPENDED)) {
                actions.add(action(
                        sql,
                        LockLevel.NONE,
                        -1,
                        "shut out, at most for " + plan.shutOut().toMillis()
                                + " ms: the last differences, counts and sums of all rows on both sides, the switch"));
            }
        }
        for (String sql : new MoveSwitch(session, plan.tenant(), plan.to(), "").statements()) {
            actions.add(action(sql, LockLevel.NONE, -1, "the switch, one transaction with the proof"));
        }
    }

    private void leaving(List<PlannedAction> actions, TwinTables twins) {
        if (plan.to() == Tenancy.RLS) {
            actions.add(action(
                    "DROP SCHEMA " + Identifiers.quote(plan.tenant().leftSchema()),
                    LockLevel.ACCESS_EXCLUSIVE,
                    -1,
                    "with its tables, once their rows were compared with what was moved"));
            return;
        }
        for (TwinTable twin : twins.all()) {
            actions.add(action(
                    "DELETE FROM " + twin.shared().name().quoted() + " t WHERE "
                            + twin.shared().mine("t"),
                    LockLevel.ROW_EXCLUSIVE,
                    -1,
                    plan.gentleness().batch() + " rows at a time, once they were compared with what was moved"));
        }
    }

    private PlannedAction action(String sql, LockLevel lock, long rows, String note) {
        return new PlannedAction(session.database().name(), sql, lock, rows, -1, note);
    }
}
