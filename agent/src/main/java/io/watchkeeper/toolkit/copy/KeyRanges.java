package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Chunks by ranges of a key, of any number of columns and of any type that has an order. The key's index finds the borders.
 *
 * @param key the columns of a primary key or of a unique constraint without nulls
 */
public record KeyRanges(List<String> key) implements ChunkRanges {

    @Override
    public String kind() {
        return "key";
    }

    @Override
    public @Nullable List<String> end(
            Session source, SourceMark.Relation relation, @Nullable List<String> from, long rows) throws SQLException {
        return cut(source, new Chunk(0, relation.name(), from, null), relation, rows);
    }

    @Override
    public @Nullable List<String> cut(Session source, Chunk chunk, SourceMark.Relation relation, long rows)
            throws SQLException {
        // Without a second one nothing comes after the first.
        List<List<String>> border = keys(source, chunk, " OFFSET " + (rows - 1) + " LIMIT 2");
        return border.size() < 2 ? null : border.get(0);
    }

    @Override
    public @Nullable List<String> middle(Session source, Chunk chunk) throws SQLException {
        List<List<String>> middle = keys(
                source,
                chunk,
                " OFFSET (SELECT greatest(count(*) / 2 - 1, 0) FROM ONLY "
                        + chunk.relation().quoted() + where(chunk) + ") LIMIT 1");
        return middle.isEmpty() || middle.get(0).equals(chunk.to()) ? null : middle.get(0);
    }

    private List<List<String>> keys(Session source, Chunk chunk, String which) throws SQLException {
        // The columns under the table's alias: ORDER BY id alone would be the text that is selected.
        List<String> columns =
                key.stream().map(c -> "t." + Identifiers.quote(c)).toList();
        String sql = "SELECT " + columns.stream().map(c -> c + "::text").collect(Collectors.joining(", "))
                + " FROM ONLY " + chunk.relation().quoted() + " t" + where(chunk)
                + " ORDER BY " + String.join(", ", columns) + which;
        return source.list(sql, this::read);
    }

    private List<String> read(ResultSet row) throws SQLException {
        List<String> values = new ArrayList<>();
        for (int i = 1; i <= key.size(); i++) {
            values.add(row.getString(i));
        }
        return values;
    }

    private String where(Chunk chunk) {
        return condition(chunk).map(c -> " WHERE " + c).orElse("");
    }

    @Override
    public Optional<String> condition(Chunk chunk) {
        List<String> conditions = new ArrayList<>();
        if (chunk.from() != null) {
            conditions.add(compare(">", chunk.from()));
        }
        if (chunk.to() != null) {
            conditions.add(compare("<=", chunk.to()));
        }
        return conditions.isEmpty() ? Optional.empty() : Optional.of(String.join(" AND ", conditions));
    }

    /** Literals without a type take that of the column beside them. */
    private String compare(String operator, List<String> values) {
        return "(" + Identifiers.quoteAll(key) + ") " + operator + " ("
                + values.stream().map(Identifiers::quoteLiteral).collect(Collectors.joining(", ")) + ")";
    }
}
