package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a table is cut into chunks. */
sealed interface ChunkRanges permits KeyRanges, PageRanges {

    /** Under this, rows lie in no order of the key, and a range of keys is read from all over the table. */
    double IN_ORDER = 0.5;

    /** How a copy that begins with this view of the source is best cut. */
    static ChunkRanges choose(Session source, PreparedCopy copy, SourceMark mark) throws SQLException {
        if (copy.chunking() == Chunking.ONE_VIEW) {
            return pages(copy, mark);
        }
        TableName name = copy.source().name();
        boolean scattered = !source.list(
                        "select 1 from pg_stats where schemaname = ? and tablename = ? and attname = ? and not inherited"
                                + " and abs(correlation) < ?",
                        row -> row.getInt(1),
                        name.schema(),
                        name.name(),
                        copy.key().get(0),
                        IN_ORDER)
                .isEmpty();
        return scattered ? pages(copy, mark) : new KeyRanges(copy.key());
    }

    /** How the copy on record is cut. */
    static ChunkRanges of(PreparedCopy copy, CopyLedger.Entry entry) {
        return entry.cutBy().equals(PageRanges.KIND) ? pages(copy, entry.begun()) : new KeyRanges(copy.key());
    }

    private static PageRanges pages(PreparedCopy copy, SourceMark mark) {
        long pages =
                mark.relations().stream().mapToLong(SourceMark.Relation::pages).sum();
        return new PageRanges(Math.max(1, (double) copy.source().estimatedRows() / Math.max(1, pages)));
    }

    /** By what, in a word: {@code key} or {@code pages}. */
    String kind();

    /**
     * Where a chunk that begins at the given place ends.
     *
     * @param rows that it should have, about
     * @return null when it is the relation's last
     */
    @Nullable
    List<String> end(Session source, SourceMark.Relation relation, @Nullable List<String> from, long rows)
            throws SQLException;

    /** The chunk's rows as an SQL condition; empty for all of the relation. */
    Optional<String> condition(Chunk chunk);

    /** Where to cut the chunk so that its first part has so many rows, about; null when it has no more. */
    @Nullable
    List<String> cut(Session source, Chunk chunk, SourceMark.Relation relation, long rows) throws SQLException;

    /** Where to cut the chunk into two; null when it is too small for that. */
    @Nullable
    List<String> middle(Session source, Chunk chunk) throws SQLException;
}
