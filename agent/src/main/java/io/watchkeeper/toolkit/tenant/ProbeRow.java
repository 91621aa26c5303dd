package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a row that nobody needs is put into a shared table, to be looked for as another tenant and rolled back.
 *
 * @param columns those that have to be given, beside {@code tenant_id}
 */
record ProbeRow(SharedTable table, List<Column> columns) {

    private static final SecureRandom RANDOM = new SecureRandom();

    /** The first text that a check of the column allows: {@code CHECK (state IN ('open', 'closed'))}. */
    private static final Pattern ALLOWED = Pattern.compile("'((?:[^']|'')*)'::");

    /**
     * A column without a default that must be filled.
     *
     * @param type its base type's name in the catalogue; {@code enum} for all enumerations
     * @param length how many characters it takes; -1 for any number
     * @param allowed a value it surely takes; null when none is known
     */
    record Column(
            String name, String type, int length, @Nullable String allowed) {}

    static ProbeRow of(Session session, SharedTable table) throws SQLException {
        List<Column> columns = session.list(
                """
                select a.attname, case when b.typtype = 'e' then 'enum' when b.typcategory = 'A' then 'array' else b.typname end,
                       case when b.typname in ('varchar', 'bpchar') and coalesce(nullif(a.atttypmod, -1), t.typtypmod) > 0
                            then coalesce(nullif(a.atttypmod, -1), t.typtypmod) - 4 else -1 end,
                       (select e.enumlabel from pg_enum e where e.enumtypid = b.oid order by e.enumsortorder limit 1),
                       (select pg_get_constraintdef(k.oid) from pg_constraint k
                         where k.conrelid = a.attrelid and k.contype = 'c' and k.conkey = array[a.attnum] order by k.conname limit 1)
                  from pg_attribute a join pg_type t on t.oid = a.atttypid
                  join pg_type b on b.oid = coalesce(nullif(t.typbasetype, 0), t.oid)
                 where a.attrelid = ?::oid and a.attnum > 0 and not a.attisdropped and a.attname <> 'tenant_id'
                   and (a.attnotnull or t.typnotnull) and not a.atthasdef and a.attidentity = '' and t.typdefault is null
                 order by a.attnum""",
                row -> new Column(
                        row.getString(1), row.getString(2), row.getInt(3), allowed(row.getString(4), row.getString(5))),
                table.oid());
        return new ProbeRow(table, columns);
    }

    private static @Nullable String allowed(@Nullable String label, @Nullable String check) {
        if (label != null || check == null) {
            return label;
        }
        Matcher first = ALLOWED.matcher(check);
        return first.find() ? first.group(1).replace("''", "'") : null;
    }

    /** The first column of a type for which no value is known; empty when a row can be made. */
    Optional<Column> unknown() {
        return columns.stream().filter(one -> value(one) == null).findFirst();
    }

    /** The statement that adds a row of the tenant; another row each time. */
    String insert(String tenant) {
        List<String> names = new ArrayList<>(List.of(SharedTable.COLUMN));
        List<String> values = new ArrayList<>(List.of(Identifiers.quoteLiteral(tenant)));
        for (Column column : columns) {
            names.add(column.name());
            values.add(String.valueOf(value(column)));
        }
        return "INSERT INTO " + table.name().quoted() + " (" + Identifiers.quoteAll(names) + ") VALUES ("
                + String.join(", ", values) + ")";
    }

    private static @Nullable String value(Column column) {
        if (column.allowed() != null) {
            return Identifiers.quoteLiteral(column.allowed());
        }
        return switch (column.type()) {
            case "int2" -> String.valueOf(-1 - RANDOM.nextInt(30_000));
            case "int4", "int8", "numeric", "float4", "float8", "money" ->
                String.valueOf(-1 - RANDOM.nextInt(2_000_000_000));
            case "text", "varchar", "bpchar", "name", "citext" -> Identifiers.quoteLiteral(text(column.length()));
            case "uuid" -> "gen_random_uuid()";
            case "bool" -> "true";
            case "date", "timestamp", "timestamptz" -> "now()";
            case "time", "timetz" -> "'00:00'";
            case "interval" -> "'0'";
            case "json", "jsonb", "array" -> "'{}'";
            case "bytea", "tsvector" -> "''";
            case "inet", "cidr" -> "'127.0.0.1'";
            default -> null;
        };
    }

    private static String text(int length) {
        String text = "probe-" + Long.toHexString(RANDOM.nextLong());
        return length < 0 || length >= text.length() ? text : text.substring(text.length() - length);
    }
}
