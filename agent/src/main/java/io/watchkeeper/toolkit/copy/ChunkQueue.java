package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Session;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of a copy that are still to be done: those an earlier attempt left, then new ones, each recorded before it is handed
 * out. Used by one thread.
 */
final class ChunkQueue {

    private final Session source;
    private final CopyLedger ledger;
    private final CopyLedger.Entry entry;
    private final ChunkRanges ranges;
    private final ChunkSize size;
    private final Deque<Chunk> left = new ArrayDeque<>();
    private final Deque<Frontier> frontiers = new ArrayDeque<>();
    private int lastNumber;
    private int doneBefore;
    private long rowsBefore;

    /** As far as a relation has been cut. */
    private record Frontier(
            SourceMark.Relation relation, @Nullable List<String> from) {}

    ChunkQueue(Session source, CopyLedger ledger, CopyLedger.Entry entry, ChunkRanges ranges, ChunkSize size)
            throws SQLException {
        this.source = source;
        this.ledger = ledger;
        this.entry = entry;
        this.ranges = ranges;
        this.size = size;
        List<CopyLedger.Planned> planned = ledger.chunks(entry);
        for (CopyLedger.Planned one : planned) {
            lastNumber = Math.max(lastNumber, one.chunk().number());
            if (one.done()) {
                doneBefore++;
                rowsBefore += one.rows();
            } else {
                left.add(one.chunk());
            }
        }
        for (SourceMark.Relation relation : entry.begun().relations()) {
            List<Chunk> own = planned.stream()
                    .map(CopyLedger.Planned::chunk)
                    .filter(c -> c.relation().equals(relation.name()))
                    .toList();
            if (own.stream().noneMatch(c -> c.to() == null)) {
                frontiers.add(new Frontier(relation, frontier(own)));
            }
        }
    }

    /** The end that no other chunk begins at. */
    private static @Nullable List<String> frontier(List<Chunk> chunks) {
        Set<@Nullable List<String>> beginnings = new HashSet<>();
        chunks.forEach(c -> beginnings.add(c.from()));
        return chunks.stream()
                .map(Chunk::to)
                .filter(end -> !beginnings.contains(end))
                .findFirst()
                .orElse(null);
    }

    /** How many chunks were in already. */
    int doneBefore() {
        return doneBefore;
    }

    /** How many rows they have. */
    long rowsBefore() {
        return rowsBefore;
    }

    /** The next chunk; null when there are no more. */
    @Nullable
    Chunk next() throws SQLException {
        Chunk again = left.poll();
        if (again != null) {
            return size.hasShrunk() ? cutDown(again) : again;
        }
        if (frontiers.isEmpty()) {
            return null;
        }
        Frontier frontier = frontiers.remove();
        List<String> end = ranges.end(source, frontier.relation, frontier.from, size.rows());
        Chunk chunk = new Chunk(++lastNumber, frontier.relation.name(), frontier.from, end);
        ledger.plan(entry, chunk);
        if (end != null) {
            frontiers.addFirst(new Frontier(frontier.relation, end));
        }
        return chunk;
    }

    /** What remains of the chunk comes next. */
    private Chunk cutDown(Chunk chunk) throws SQLException {
        SourceMark.Relation relation = entry.begun().relations().stream()
                .filter(r -> r.name().equals(chunk.relation()))
                .findFirst()
                .orElseThrow();
        List<String> end = ranges.cut(source, chunk, relation, size.rows());
        if (end == null) {
            return chunk;
        }
        Chunk first = chunk.ending(end);
        Chunk rest = new Chunk(++lastNumber, chunk.relation(), end, chunk.to());
        ledger.split(entry, first, rest);
        left.addFirst(rest);
        return first;
    }

    /** Cuts a chunk that was too large for a standby into two; both come again. Does nothing when it cannot be cut. */
    void split(Chunk chunk) throws SQLException {
        List<String> middle = ranges.middle(source, chunk);
        if (middle != null && !Objects.equals(middle, chunk.from())) {
            ledger.split(entry, chunk.ending(middle), new Chunk(++lastNumber, chunk.relation(), middle, chunk.to()));
        }
    }
}
