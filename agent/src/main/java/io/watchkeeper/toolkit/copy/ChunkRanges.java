package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Session;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a table is cut into chunks. */
sealed interface ChunkRanges permits KeyRanges, PageRanges {

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

    /** Where to cut the chunk into two; null when it is too small for that. */
    @Nullable
    List<String> middle(Session source, Chunk chunk) throws SQLException;
}
