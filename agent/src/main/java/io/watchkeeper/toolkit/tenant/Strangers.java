package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.List;

/** Rows of others that refer to a tenant's rows in shared tables: removing these would take those with them, or fail half-way. */
record Strangers(List<ForeignKey> keys) {

    static Strangers of(Session session, List<TenantTable> tables) throws SQLException {
        return new Strangers(
                ForeignKey.to(session, tables.stream().map(TenantTable::oid).toList()));
    }

    /** @throws OperatorException when there is one */
    void requireNone(Session session, List<TenantTable> tables) throws SQLException {
        for (TenantTable table : tables) {
            requireNone(session, table, "", "");
        }
    }

    /** Whether rows of the table refer to others of it. */
    boolean within(TenantTable table) {
        return keys.stream().anyMatch(key -> key.isWithin() && key.parent() == table.oid());
    }

    /**
     * As the other.
     *
     * @param which of the table's rows, with the alias p, beginning with {@code and}; empty for all
     * @param young which rows of the tenant's own, with the alias c, stay and must not lose what they refer to; empty for none
     * @param values for {@code which}
     */
    void requireNone(Session session, TenantTable table, String which, String young, Object... values)
            throws SQLException {
        for (ForeignKey key : keys) {
            if (key.parent() != table.oid()) {
                continue;
            }
            if (!young.isEmpty()
                    && key.tenantId()
                    && !session.one(key.strangers(table, which, ""), row -> row.getBoolean(1), values)
                    && session.one(key.strangers(table, which, young), row -> row.getBoolean(1), values)) {
                throw new OperatorException(
                        "rows of the tenant in " + key.childName()
                                + " that were written after its rows were looked at refer to those in " + table.name()
                                + " (" + key.name() + "), and would go with them",
                        "find who writes there (roles with BYPASSRLS, superusers), take over what is needed and DELETE these rows;"
                                + " then run the same again.");
            }
            if (session.one(key.strangers(table, which, ""), row -> row.getBoolean(1), values)) {
                throw new OperatorException(
                        "rows of " + key.childName() + " that are not known as the tenant's refer to its rows in "
                                + table.name() + " (" + key.name() + ")",
                        key.tenantId()
                                ? "other tenants' rows would lose what they refer to: let the foreign key hold tenant_id, too,"
                                        + " and mend the rows first."
                                : "they would be left behind: give " + key.childName()
                                        + " a column tenant_id, or move these rows by hand first.");
            }
        }
    }
}
