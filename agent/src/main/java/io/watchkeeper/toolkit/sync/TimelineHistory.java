package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.toolkit.copy.SourceMark;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/**
 * Tells what a promotion has left of the source's past. A standby that was promoted goes on from where it had got to, and what its
 * primary committed after that point is lost: rows that were synchronised from there must go too, and nothing but a comparison finds
 * them. Where the earlier view lies before that point, nothing of it is lost.
 */
@FunctionalInterface
interface TimelineHistory {

    /** Why what the earlier view showed may be gone on the new timeline; empty when all of it is there. */
    Optional<String> lostSince(SourceMark before, SourceMark now) throws SQLException;

    /** As the server's own history file has it. In a transaction, which it leaves usable. */
    static TimelineHistory of(Session source) {
        return (before, now) -> lostSince(read(source, now.timeline()), before, now);
    }

    /** A line per promotion; more than any cluster has seen. */
    int MOST_BYTES = 1 << 20;

    private static Optional<String> lostSince(Optional<String> file, SourceMark before, SourceMark now) {
        String promoted =
                "the source was promoted: it is on timeline " + now.timeline() + ", and was on " + before.timeline();
        if (file.isEmpty()) {
            return Optional.of(promoted
                    + "; role pg_read_server_files with EXECUTE on pg_read_file(text, bigint, bigint, boolean) would let"
                    + " the agent read where it parted");
        }
        for (String line : file.get().split("\n")) {
            String[] words = line.strip().split("\\s+");
            if (words.length > 1 && words[0].equals(String.valueOf(before.timeline()))) {
                Optional<Lsn> parted = Lsn.parse(words[1]);
                if (parted.isPresent() && before.lsn().compareTo(parted.get()) <= 0) {
                    return Optional.empty();
                }
                return Optional.of(
                        promoted + ", which it left at " + words[1] + "; the last round was at " + before.lsn());
            }
        }
        return Optional.of(promoted + ", which it does not come from");
    }

    private static Optional<String> read(Session source, long timeline) throws SQLException {
        String name = String.format(Locale.ROOT, "pg_wal/%08X.history", timeline);
        source.runVerbatim("SAVEPOINT watchkeeper_history");
        try {
            return Optional.ofNullable(source.oneVerbatim(
                    // With two arguments there is none before PostgreSQL 16.
                    "SELECT pg_read_file(" + Identifiers.quoteLiteral(name) + ", 0, " + MOST_BYTES + ", true)",
                    row -> row.getString(1)));
        } catch (SQLException e) {
            LoggerFactory.getLogger(TimelineHistory.class).debug("{} cannot be read: {}", name, e.getMessage());
            source.runVerbatim("ROLLBACK TO SAVEPOINT watchkeeper_history");
            return Optional.empty();
        } finally {
            if (source.isUsable()) {
                source.runVerbatim("RELEASE SAVEPOINT watchkeeper_history");
            }
        }
    }
}
