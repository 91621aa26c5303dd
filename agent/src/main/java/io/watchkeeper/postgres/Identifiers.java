package io.watchkeeper.postgres;

import io.watchkeeper.problem.OperatorException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Quoting, in one place. Values are bound wherever a statement allows it; names cannot be. */
public final class Identifiers {

    /** PostgreSQL cuts longer names off without a word. */
    private static final int MAX_BYTES = 63;

    private static final Pattern PLAIN = Pattern.compile("[a-z_][a-z0-9_]*");

    /** Every word of PostgreSQL 14 to 18 that is not a plain name everywhere ({@code pg_get_keywords()}, all but catcode U). */
    private static final Set<String> KEYWORDS = Set.of("""
            all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case
            cast char character check coalesce collate collation column concurrently constraint create cross
            current_catalog current_date current_role current_schema current_time current_timestamp current_user dec
            decimal default deferrable desc distinct do else end except exists extract false fetch float for foreign
            freeze from full grant greatest group grouping having ilike in initially inner inout int integer intersect
            interval into is isnull join json json_array json_arrayagg json_exists json_object json_objectagg json_query
            json_scalar json_serialize json_table json_value lateral leading least left like limit localtime
            localtimestamp merge_action national natural nchar none normalize not notnull null nullif numeric offset on
            only or order out outer overlaps overlay placing position precision primary real references returning right
            row select session_user setof similar smallint some substring symmetric system_user table tablesample then
            time timestamp to trailing treat trim true union unique user using values varchar variadic verbose when
            where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi
            xmlroot xmlserialize xmltable""".split("\\s+"));

    private Identifiers() {}

    /** The name as SQL text: bare where that is safe, else in double quotes. */
    public static String quote(String name) {
        if (PLAIN.matcher(name).matches() && !KEYWORDS.contains(name)) {
            return name;
        }
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** The names quoted, in order, separated by commas. */
    public static String quoteAll(Collection<String> names) {
        return names.stream().map(Identifiers::quote).collect(Collectors.joining(", "));
    }

    /** The text as an SQL literal, for the statements that take no parameters. Safe with any setting of backslashes. */
    public static String quoteLiteral(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new OperatorException(
                    "a text for PostgreSQL holds a zero byte", "PostgreSQL cannot store one; remove it.");
        }
        String quoted = "'" + text.replace("'", "''") + "'";
        return text.indexOf('\\') >= 0 ? " E" + quoted.replace("\\", "\\\\") : quoted;
    }

    /** @throws OperatorException when PostgreSQL would refuse or shorten the name; {@code whole} is what the operator wrote */
    static String checked(String name, String whole) {
        if (name.isEmpty()) {
            throw new OperatorException(
                    "'" + whole + "' has an empty name in it", "write schema.table, for example public.documents.");
        }
        if (name.indexOf('\0') >= 0) {
            throw new OperatorException("'" + whole.replace("\0", "\\0") + "' holds a zero byte", "remove it.");
        }
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_BYTES) {
            throw new OperatorException(
                    "the name '" + name + "' has " + bytes + " bytes and PostgreSQL keeps " + MAX_BYTES,
                    "write the name as the server shows it in \\d.");
        }
        return name;
    }
}
