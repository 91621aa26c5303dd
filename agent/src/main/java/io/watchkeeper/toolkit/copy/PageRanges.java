package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Chunks by ranges of the table's pages, which are read in the order they lie on the disk. A rewrite of the table (VACUUM FULL,
 * CLUSTER, some ALTER TABLEs) gives rows other places, so whoever uses them watches for one.
 *
 * @param rowsOfPage about; at least 1
 */
record PageRanges(double rowsOfPage) implements ChunkRanges {

    static final String KIND = "pages";

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public @Nullable List<String> end(
            Session source, SourceMark.Relation relation, @Nullable List<String> from, long rows) {
        long end = page(from) + Math.max(1, Math.round(rows / rowsOfPage));
        return end >= relation.pages() ? null : List.of(Long.toString(end));
    }

    @Override
    public @Nullable List<String> cut(Session source, Chunk chunk, SourceMark.Relation relation, long rows) {
        List<String> end = end(source, relation, chunk.from(), rows);
        return end == null || (chunk.to() != null && page(end) >= page(chunk.to())) ? null : end;
    }

    @Override
    public @Nullable List<String> middle(Session source, Chunk chunk) {
        if (chunk.to() == null) {
            return null;
        }
        long from = page(chunk.from());
        long middle = (from + page(chunk.to())) / 2;
        return middle == from ? null : List.of(Long.toString(middle));
    }

    @Override
    public Optional<String> condition(Chunk chunk) {
        List<String> conditions = new ArrayList<>();
        if (chunk.from() != null) {
            conditions.add("ctid >= '(" + page(chunk.from()) + ",0)'");
        }
        if (chunk.to() != null) {
            conditions.add("ctid < '(" + page(chunk.to()) + ",0)'");
        }
        return conditions.isEmpty() ? Optional.empty() : Optional.of(String.join(" AND ", conditions));
    }

    private static long page(@Nullable List<String> place) {
        return place == null ? 0 : Long.parseLong(place.get(0));
    }
}
