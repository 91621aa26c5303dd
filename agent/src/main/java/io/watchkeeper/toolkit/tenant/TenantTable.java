package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A table in so far as it holds rows of one tenant: all of it, or what has its id.
 *
 * @param tenant whose rows are meant, of a shared table; empty when all are
 * @param key the names of the primary key's columns, without {@code tenant_id}, in order
 */
record TenantTable(long oid, TableName name, Optional<TenantId> tenant, List<TableColumn> columns, List<String> key) {

    /**
     * A column.
     *
     * @param type as PostgreSQL writes it
     * @param collation its oid
     * @param identity {@code a} for always, {@code d} by default; empty for none
     * @param generated whether it is computed from others
     */
    record TableColumn(String name, String type, long collation, boolean notNull, String identity, boolean generated) {

        boolean isTenantId() {
            return name.equals(SharedTable.COLUMN);
        }
    }

    static TenantTable shared(Session session, SharedTable table, TenantId tenant) throws SQLException {
        return read(session, table.oid(), table.name(), Optional.of(tenant));
    }

    /** The ordinary tables of a schema, by name. */
    static List<TenantTable> allOf(Session session, String schema) throws SQLException {
        record Found(long oid, TableName name) {}
        List<Found> found = session.list(
                "select c.oid::bigint, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                        + " where n.nspname = ? and c.relkind in ('r', 'p') and not c.relispartition order by c.relname",
                row -> new Found(row.getLong(1), new TableName(schema, row.getString(2))),
                schema);
        List<TenantTable> tables = new java.util.ArrayList<>();
        for (Found one : found) {
            tables.add(read(session, one.oid(), one.name(), Optional.empty()));
        }
        return tables;
    }

    private static TenantTable read(Session session, long oid, TableName name, Optional<TenantId> tenant)
            throws SQLException {
        List<TableColumn> columns = session.list(
                """
                select attname, format_type(atttypid, atttypmod), attcollation::bigint, attnotnull, attidentity::text, attgenerated <> ''
                  from pg_attribute where attrelid = ?::oid and attnum > 0 and not attisdropped order by attname collate "C\"""",
                row -> new TableColumn(
                        row.getString(1),
                        row.getString(2),
                        row.getLong(3),
                        row.getBoolean(4),
                        row.getString(5),
                        row.getBoolean(6)),
                oid);
        List<String> key = session.list("""
                select a.attname from pg_index i join unnest(i.indkey) with ordinality k (attnum, place) on true
                  join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
                 where i.indisprimary and i.indrelid = ?::oid and a.attname <> 'tenant_id' order by k.place""", row -> row.getString(1), oid);
        return new TenantTable(oid, name, tenant, columns, key);
    }

    /** In SQL: which of its rows are meant. @param alias of the table */
    String mine(String alias) {
        return tenant.map(id -> alias + ".tenant_id = " + Identifiers.quoteLiteral(id.text()))
                .orElse("true");
    }

    boolean has(String column) {
        return columns.stream().anyMatch(one -> one.name().equals(column));
    }

    TableColumn column(String wanted) {
        return columns.stream()
                .filter(one -> one.name().equals(wanted))
                .findFirst()
                .orElseThrow();
    }

    /** Those whose values are the tenant's, whatever the form: all but {@code tenant_id}. */
    List<TableColumn> own() {
        return columns.stream().filter(one -> !one.isTenantId()).toList();
    }

    long count(Session session) throws SQLException {
        return session.oneVerbatim(
                "select count(*) from " + name.quoted() + " t where " + mine("t"), row -> row.getLong(1));
    }

    /** In SQL: one row with the count of its rows and what their values add up to, whatever their order and form. */
    String digest() {
        String row =
                own().stream().map(one -> "t." + Identifiers.quote(one.name())).collect(Collectors.joining(", "));
        return "(select count(*) || ' ' || coalesce(sum(hashtextextended(w.t, 0)::numeric), 0) || ' '"
                + " || coalesce(sum(hashtextextended(w.t, 1)::numeric), 0) from (select ROW(" + row
                + ")::text COLLATE \"C\" as t from " + name.quoted() + " t where " + mine("t") + ") w)";
    }
}
