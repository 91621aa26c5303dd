package io.watchkeeper.toolkit.verify;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.toolkit.copy.RowHash;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The table of one side, and the statements that read it. Both sides' statements return the same for the same rows.
 *
 * @param columns that are compared
 * @param key that tells rows apart; empty where nothing does, and the rows' own hashes stand in for it
 * @param rangeBy an expression for each column of the key, in an order that both servers agree on
 * @param wholeNumberKey whether the key is one whole number on both sides
 * @param sameEncoding whether the servers' texts are the same bytes
 * @param where the plan's condition
 */
record TableSide(
        TableShape shape,
        List<ComparedColumn> columns,
        List<ComparedColumn> key,
        List<String> rangeBy,
        boolean wholeNumberKey,
        boolean sameEncoding,
        @Nullable String where,
        @Nullable Sample sample,
        VerifyBy by) {

    /** The names of what is joined to the table must not be names of its columns. */
    private static final String OWN = "watchkeeper_";

    /**
     * Which rows are compared, where not all are.
     *
     * @param parts of a million
     * @param seed that chooses them
     */
    record Sample(int parts, long seed) {
        static final int ALL = 1 << 20;
    }

    TableSide {
        columns = List.copyOf(columns);
        key = List.copyOf(key);
        rangeBy = List.copyOf(rangeBy);
    }

    TableSide with(Sample newSample) {
        return new TableSide(shape, columns, key, rangeBy, wholeNumberKey, sameEncoding, where, newSample, by);
    }

    boolean hasKey() {
        return !key.isEmpty();
    }

    /** What stands behind FROM. Partitions that are foreign tables are left out. */
    String from() {
        if (!hasForeignPartitions()) {
            return shape.quotedAlone();
        }
        List<String> parts = relations().stream()
                .map(leaf -> "SELECT tableoid, xmin, * FROM ONLY " + leaf.quoted())
                .toList();
        String none = "SELECT tableoid, xmin, * FROM " + shape.name().quoted() + " WHERE false";
        return "(" + (parts.isEmpty() ? none : String.join(" UNION ALL ", parts)) + ") AS "
                + Identifiers.quote(shape.name().name());
    }

    boolean hasForeignPartitions() {
        return shape.leaves().stream().anyMatch(leaf -> leaf.kind() == TableShape.Kind.FOREIGN);
    }

    /** The table, or the partitions that hold its rows. */
    List<TableName> relations() {
        return shape.isPartitioned()
                ? shape.leaves().stream()
                        .filter(leaf -> leaf.kind() == TableShape.Kind.TABLE)
                        .map(TableShape.Leaf::name)
                        .toList()
                : List.of(shape.name());
    }

    /** The plan's condition, the sample's, and another one; empty when there is none. */
    String where(@Nullable String condition) {
        List<String> conditions = new ArrayList<>();
        if (where != null) {
            // On a line of its own, so that a comment in the condition ends with it.
            conditions.add("(" + where + "\n)");
        }
        if (sample != null) {
            conditions.add("(" + hash(hasKey() ? key : columns, sample.seed()) + " & " + (Sample.ALL - 1) + ") < "
                    + sample.parts());
        }
        if (condition != null) {
            conditions.add(condition);
        }
        return conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
    }

    String keyHash() {
        if (!hasKey()) {
            return rowHash();
        }
        return wholeNumberKey ? "hashint8extended(" + key.get(0).quoted() + "::bigint, 0)" : hash(key, 0);
    }

    private String rowHash() {
        return hash(columns, 0);
    }

    /** The hash of what is compared of a row. */
    private String comparedHash() {
        return by == VerifyBy.KEYS && hasKey() ? keyHash() : rowHash();
    }

    private String hash(List<ComparedColumn> of, long seed) {
        List<RowHash.Value> values = of.stream()
                .map(column -> new RowHash.Value(column.text(), column.plain()))
                .toList();
        return RowHash.of(values, sameEncoding, seed);
    }

    String count(@Nullable String condition) {
        return "SELECT count(*) FROM " + from() + where(condition);
    }

    /** A query of {@code k} and {@code h} for each row: a hash of its key and one of all that is compared. */
    String hashes(@Nullable String condition) {
        return "SELECT " + keyHash() + " AS k, " + comparedHash() + " AS h FROM " + from() + where(condition);
    }

    /** The same summed up, as one line. */
    String digest(@Nullable String condition) {
        return by == VerifyBy.COUNT ? count(condition) : "SELECT count(*), sum(h) FROM (" + hashes(condition) + ") r";
    }

    /** Rows in the order of their keys' hashes: that hash, how many rows, the sum of what is compared, and the key's values. */
    String rows(@Nullable String condition) {
        if (!hasKey()) {
            return "SELECT h, count(*), sum(h), h::text FROM (SELECT " + rowHash() + " AS h FROM " + from()
                    + where(condition) + ") r GROUP BY 1 ORDER BY 1";
        }
        return "SELECT " + keyHash() + ", 1, " + comparedHash() + ", " + keyTexts() + " FROM " + from()
                + where(condition) + " ORDER BY 1";
    }

    String keyTexts() {
        return key.stream().map(ComparedColumn::text).collect(Collectors.joining(", "));
    }

    /**
     * The rows of these keys: the place in the list, how many rows, the sum of what is compared, and whether one of them is known to
     * be on its way.
     *
     * @param onTheirWay a condition on the rows of each relation; relations without one have no such rows
     */
    String lookUp(List<List<String>> keys, Map<TableName, String> onTheirWay) {
        if (!hasKey()) {
            String hashes = keys.stream().map(k -> k.get(0)).collect(Collectors.joining(","));
            return "SELECT array_position('{" + hashes + "}'::bigint[], h), count(*), sum(h), false FROM (SELECT "
                    + rowHash() + " AS h FROM " + from() + where(null) + ") r WHERE h = ANY ('{" + hashes
                    + "}'::bigint[]) GROUP BY 1";
        }
        return "SELECT " + OWN + "n, count(*), sum(" + comparedHash() + "), bool_or(" + onItsWay(onTheirWay) + ") FROM "
                + from() + ", " + keyList(keys) + where(equalsList()) + " GROUP BY 1";
    }

    /** The keys with their place in the list, from 1. Not for JOIN, beside which {@code xmin} would have to be qualified. */
    private String keyList(List<List<String>> keys) {
        List<String> arrays = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (int i = 0; i < key.size(); i++) {
            int column = i;
            arrays.add(keys.stream()
                    .map(k -> Identifiers.quoteLiteral(k.get(column)))
                    .collect(Collectors.joining(",", "ARRAY[", "]::text[]")));
            names.add(OWN + i);
        }
        return "unnest(" + String.join(", ", arrays) + ") WITH ORDINALITY AS " + OWN + "keys ("
                + String.join(", ", names) + ", " + OWN + "n)";
    }

    private String equalsList() {
        return IntStream.range(0, key.size())
                .mapToObj(i -> key.get(i).quoted() + " = " + OWN + i + "::"
                        + key.get(i).type().text())
                .collect(Collectors.joining(" AND "));
    }

    private static String onItsWay(Map<TableName, String> conditions) {
        if (conditions.isEmpty()) {
            return "false";
        }
        return conditions.entrySet().stream()
                .map(e -> "WHEN " + Identifiers.quoteLiteral(e.getKey().quoted()) + "::regclass THEN (" + e.getValue()
                        + "\n)")
                .collect(Collectors.joining(" ", "CASE tableoid ", " ELSE false END"));
    }

    /** A condition on the rows of these keys, for statements of this side. */
    String among(List<List<String>> keys) {
        String columns = key.stream().map(ComparedColumn::quoted).collect(Collectors.joining(", ", "(", ")"));
        List<String> casts = new ArrayList<>();
        for (int i = 0; i < key.size(); i++) {
            casts.add(OWN + i + "::" + key.get(i).type().text());
        }
        return columns + " IN (SELECT " + String.join(", ", casts) + " FROM " + keyList(keys) + ")";
    }

    /** The rows of these keys with all their compared values as text: the place in the list, then the columns. */
    String values(List<List<String>> keys) {
        return "SELECT " + OWN + "n, "
                + columns.stream().map(ComparedColumn::text).collect(Collectors.joining(", ")) + " FROM " + from()
                + ", " + keyList(keys) + where(equalsList()) + " ORDER BY 1";
    }

    /** Rows after one key and up to another; either may be missing. Empty for all. */
    @Nullable
    String range(@Nullable List<String> after, @Nullable List<String> upTo) {
        List<String> conditions = new ArrayList<>();
        if (after != null) {
            conditions.add(compare(">", after));
        }
        if (upTo != null) {
            conditions.add(compare("<=", upTo));
        }
        return conditions.isEmpty() ? null : String.join(" AND ", conditions);
    }

    private String compare(String operator, List<String> values) {
        return "(" + String.join(", ", rangeBy) + ") " + operator + " ("
                + values.stream().map(Identifiers::quoteLiteral).collect(Collectors.joining(", ")) + ")";
    }

    /**
     * Keys that cut the rows into about equal parts, found by a look at some of the table's pages.
     *
     * @param percent of the pages
     */
    String borders(int parts, double percent, @Nullable List<String> after) {
        String order = String.join(", ", rangeBy);
        List<String> inner = new ArrayList<>();
        List<String> outer = new ArrayList<>();
        for (int i = 0; i < key.size(); i++) {
            inner.add(key.get(i).text() + " AS " + OWN + i);
            outer.add(OWN + i);
        }
        return "SELECT " + String.join(", ", outer) + " FROM (SELECT " + String.join(", ", inner)
                + ", row_number() OVER (ORDER BY " + order + ") AS " + OWN + "p, count(*) OVER () AS " + OWN + "n FROM "
                + shape.quotedAlone() + " TABLESAMPLE SYSTEM (" + percent + ")" + where(range(after, null))
                + ") s WHERE "
                + OWN + "p * " + parts + " / " + OWN + "n <> (" + OWN + "p - 1) * " + parts + " / " + OWN + "n AND "
                + OWN + "p < " + OWN + "n ORDER BY " + OWN + "p";
    }
}
