package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.ColumnType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * An SQL expression for 64 bits over some values, which all servers agree on. NULL and the empty string differ, and so do ('a', 'b') and
 * ('ab', ''); lengths tell apart what holds the separators itself.
 */
public final class RowHash {

    /** PostgreSQL takes at most 100 arguments for a function; a longer list goes in as an array. */
    private static final int MAX_ARGUMENTS = 99;

    private static final Set<String> PLAIN = Set.of(
            "bool",
            "int2",
            "int4",
            "int8",
            "oid",
            "float4",
            "float8",
            "numeric",
            "money",
            "date",
            "time",
            "timetz",
            "timestamp",
            "timestamptz",
            "interval",
            "uuid",
            "bytea",
            "bit",
            "varbit",
            "inet",
            "cidr",
            "macaddr",
            "macaddr8",
            "pg_lsn",
            "jsonb");

    private RowHash() {}

    /**
     * A value.
     *
     * @param text an expression of type text
     * @param plain whether it never holds a separator; the same on both sides
     */
    public record Value(String text, boolean plain) {}

    /** Whether what both types print never holds a separator. */
    public static boolean isPlain(ColumnType here, ColumnType there) {
        return isPlain(here) && isPlain(there);
    }

    private static boolean isPlain(ColumnType type) {
        ColumnType base = type.withoutDomains();
        return base.builtIn() && PLAIN.contains(base.name());
    }

    /** @param seed another one makes another hash of the same values */
    public static String of(List<Value> values, boolean sameEncoding, long seed) {
        if (values.isEmpty()) {
            return "0::bigint"; // rows without columns are all equal
        }
        List<String> arguments = new ArrayList<>();
        values.forEach(value -> arguments.add("coalesce(" + value.text + ", E'\\x1e')"));
        values.stream()
                .filter(value -> !value.plain)
                .forEach(value -> arguments.add("coalesce(octet_length("
                        + (sameEncoding ? value.text : "convert_to(" + value.text + ", 'UTF8')") + "), -1)::text"));
        String list = String.join(", ", arguments);
        String row = arguments.size() > MAX_ARGUMENTS
                ? "concat_ws(E'\\x1f', VARIADIC ARRAY[" + list + "])"
                : "concat_ws(E'\\x1f', " + list + ")";
        return sameEncoding
                ? "hashtextextended(" + row + " COLLATE \"C\", " + seed + ")"
                // The hash is over the server's bytes, so servers with different encodings hash UTF-8.
                : "('x' || left(md5(convert_to(" + (seed == 0 ? row : "'" + seed + "' || " + row)
                        + ", 'UTF8')), 16))::bit(64)::bigint";
    }
}
