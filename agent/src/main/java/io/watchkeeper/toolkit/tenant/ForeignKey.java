package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A foreign key.
 *
 * @param child whose rows refer
 * @param parent what they refer to
 * @param columns of the child
 * @param referenced columns of the parent, in the same order
 * @param tenantId whether the child has a column {@code tenant_id}
 */
record ForeignKey(
        String name,
        long child,
        TableName childName,
        long parent,
        TableName parentName,
        List<String> columns,
        List<String> referenced,
        boolean tenantId) {

    /** Those that refer to one of these tables. @param tables by their oids */
    static List<ForeignKey> to(Session session, List<Long> tables) throws SQLException {
        return session.list(
                """
                select k.conname, k.conrelid::bigint, cn.nspname, c.relname, k.confrelid::bigint, pn.nspname, p.relname,
                       (select array_agg(a.attname order by u.place) from unnest(k.conkey) with ordinality u (num, place)
                          join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.num),
                       (select array_agg(a.attname order by u.place) from unnest(k.confkey) with ordinality u (num, place)
                          join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.num),
                       exists (select from pg_attribute a where a.attrelid = k.conrelid and a.attname = 'tenant_id' and not a.attisdropped)
                  from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace cn on cn.oid = c.relnamespace
                  join pg_class p on p.oid = k.confrelid join pg_namespace pn on pn.oid = p.relnamespace
                 where k.contype = 'f' and k.conparentid = 0 and k.confrelid = any (?::oid[]) order by 3, 4, 1""",
                row -> new ForeignKey(
                        row.getString(1),
                        row.getLong(2),
                        new TableName(row.getString(3), row.getString(4)),
                        row.getLong(5),
                        new TableName(row.getString(6), row.getString(7)),
                        texts(row.getArray(8)),
                        texts(row.getArray(9)),
                        row.getBoolean(10)),
                "{" + tables.stream().map(String::valueOf).collect(Collectors.joining(",")) + "}");
    }

    private static List<String> texts(java.sql.Array array) throws SQLException {
        List<String> texts = new ArrayList<>();
        for (Object value : (Object[]) array.getArray()) {
            texts.add(String.valueOf(value));
        }
        return texts;
    }

    boolean isWithin() {
        return child == parent;
    }

    /**
     * In SQL: whether a row that is not the tenant's refers to one of its rows.
     *
     * @param which of the parent's, with alias p
     * @param young which rows of the tenant's own, with alias c, count as strangers, too; empty for none
     */
    String strangers(TenantTable parentTable, String which, String young) {
        List<String> same = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            same.add("c." + Identifiers.quote(columns.get(i)) + " = p." + Identifiers.quote(referenced.get(i)));
        }
        String notMine = tenantId
                ? " and (c.tenant_id is distinct from "
                        + Identifiers.quoteLiteral(
                                parentTable.tenant().orElseThrow().text())
                        + (young.isEmpty() ? "" : " or " + young) + ")"
                : "";
        return "select exists (select from " + childName.quoted() + " c join " + parentName.quoted() + " p on "
                + String.join(" and ", same) + " where " + parentTable.mine("p") + notMine + which + ")";
    }
}
