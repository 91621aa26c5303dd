package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;

/** Whether a tenant can get its other form, asked before anything is changed. */
record MoveCheck(Session session, TenantId id, Tenancy to) {

    /** @throws OperatorException when it is being dropped */
    static void requireNotLeaving(Session session, TenantId id) throws SQLException {
        if (DropLedger.find(session, id).isPresent()) {
            throw new OperatorException(
                    "tenant '" + id + "' is being dropped",
                    "run the same drop again, which ends it; or let the tenant in (tenant resume), as long as nothing was removed.");
        }
    }

    /** @return its tables as they would belong together @throws OperatorException when it cannot */
    TwinTables require() throws SQLException {
        if (to == Tenancy.SCHEMA) {
            new TemplateSchema(session).require();
            for (String schema : new String[] {id.schema(), id.movingSchema()}) {
                if (PassingSchema.exists(session, schema)) {
                    throw new OperatorException(
                            "database '" + session.database().name() + "' has a schema " + schema + " already",
                            "look what is in it and drop it, or rename it.");
                }
            }
        }
        TwinTables twins = TwinTables.read(session, id, to == Tenancy.SCHEMA ? TemplateSchema.NAME : id.schema());
        twins.require(session, to);
        if (to == Tenancy.RLS) {
            for (TenantTable table : twins.targets(to)) {
                long rows = table.count(session);
                if (rows > 0) {
                    throw new OperatorException(
                            table.name() + " holds " + rows + " rows of tenant '" + id
                                    + "' already, which has a schema of its own",
                            "look where they come from (roles with BYPASSRLS write there), and DELETE them or take them over.");
                }
            }
        }
        return twins;
    }
}
