package io.watchkeeper.toolkit.failover;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.ReplicationConnection;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.units.Bytes;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Log that the old primary has and the new one does not.
 *
 * @param clean whether the old one was shut down cleanly, as pg_rewind needs it
 * @param words what is so, to follow the server's name
 */
record Divergence(boolean clean, String words) {

    /** @param old what the stopped server says of itself */
    static Optional<Divergence> of(StoppedServer.Control old, Database primary, Work work) throws SQLException {
        boolean clean = old.isCleanlyDown();
        if (old.state().startsWith("in production")) {
            return Optional.of(new Divergence(false, "ran as a primary of its own and was not shut down"));
        }
        long timeline;
        try (Session session = primary.open(work)) {
            timeline = session.one("select timeline_id from pg_control_checkpoint()", row -> row.getLong(1));
        }
        if (timeline == old.timeline()) {
            return Optional.empty();
        }
        try (ReplicationConnection connection = ReplicationConnection.open(primary, work)) {
            for (String line : connection.timelineHistory(timeline).split("\n", -1)) {
                String[] fields = line.strip().split("\\s+", 3);
                if (fields.length > 1 && fields[0].equals(String.valueOf(old.timeline()))) {
                    Lsn left = Lsn.parse(fields[1]).orElseThrow();
                    // Its last checkpoint begins before the new primary's history left its own, unless it went on after
                    // that.
                    return old.ended().compareTo(left) < 0
                            ? Optional.empty()
                            : Optional.of(new Divergence(
                                    clean,
                                    "has written about " + Bytes.of(old.ended().minus(left))
                                            + " of log by itself since the new primary left its history at " + left));
                }
            }
        }
        return Optional.of(new Divergence(
                clean, "is on timeline " + old.timeline() + ", which the new primary's history does not know"));
    }
}
