package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import java.sql.SQLException;
import java.util.List;

/**
 * A table with a column {@code tenant_id} that tenants share; of a partitioned one, the whole.
 *
 * @param type of {@code tenant_id}: {@code text}, {@code uuid}
 * @param secured whether row-level security is on
 * @param forced whether it holds for the owner, too
 */
record SharedTable(long oid, TableName name, String owner, String type, boolean secured, boolean forced) {

    /** The column by which shared tables are found. */
    static final String COLUMN = "tenant_id";

    /** In SQL: the schemas whose tables are nobody's shared ones. {@code n} is pg_namespace. */
    static final String FOREIGN_SCHEMAS = "n.nspname !~ '^pg_' and n.nspname !~ '" + TenantId.PASSING
            + "' and n.nspname not in ('information_schema', 'watchkeeper', '"
            + TemplateSchema.NAME + "') and not exists (select from pg_roles own where own.rolname = n.nspname"
            + " and n.nspname ~ '^tenant_[a-z]')";

    /** All of a database, by name. */
    static List<SharedTable> all(Session session) throws SQLException {
        return session.listVerbatim(
                """
                select c.oid::bigint, n.nspname, c.relname, pg_get_userbyid(c.relowner), format_type(a.atttypid, null),
                       c.relrowsecurity, c.relforcerowsecurity
                  from pg_class c join pg_namespace n on n.oid = c.relnamespace
                  join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
                 where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't'
                   and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
                                    and d.deptype = 'e')
                   and %s
                 order by n.nspname, c.relname""".formatted(FOREIGN_SCHEMAS),
                row -> new SharedTable(
                        row.getLong(1),
                        new TableName(row.getString(2), row.getString(3)),
                        row.getString(4),
                        row.getString(5),
                        row.getBoolean(6),
                        row.getBoolean(7)));
    }

    /** Whether tenants' ids fit into the column as they are. */
    boolean isText() {
        return type.equals("text") || type.equals("character varying");
    }
}
