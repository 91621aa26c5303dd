package io.watchkeeper.history;

import io.watchkeeper.audit.Anchor;
import io.watchkeeper.audit.AuditEvent;
import io.watchkeeper.audit.AuditQuery;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How old entries go: the last of them leaves its position and hash in a new one, the checkpoint. */
final class AuditExpiry {

    /** In one transaction. */
    static final int AT_ONCE = 10_000;

    private static final String EXPIRED = "audit.expired";

    private AuditExpiry() {}

    /**
     * What went.
     *
     * @param entries how many
     * @param checkpoint the entry that tells of them
     */
    record Cut(long entries, Anchor checkpoint) {}

    /**
     * In one transaction: a process that dies in it leaves all entries, one that dies after it the checkpoint.
     *
     * @param before entries of this time or later stay
     * @param kept this entry stays, and those after it: somebody knows it and will look for it
     */
    static Optional<Cut> cut(Connection connection, String before, Anchor kept, String host, Instant now)
            throws SQLException {
        List<AuditRows.Row> old = AuditRows.after(connection, 0, AT_ONCE);
        AuditRows.Row last = null;
        for (AuditRows.Row row : old) {
            if (row.at().compareTo(before) >= 0 || row.position() >= kept.position()) {
                break;
            }
            last = row;
        }
        if (last == null) {
            return Optional.empty();
        }
        long first = old.get(0).position();
        Map<String, Object> details = Map.of(
                "firstPosition", first, "lastPosition", last.position(), "lastHash", last.hash(), "olderThan", before);
        AuditEvent event = new AuditEvent("agent", "schedule", EXPIRED, "audit", "ok", details);
        Anchor checkpoint = AuditRows.appendOwn(connection, event, host, now);
        try (PreparedStatement delete = connection.prepareStatement("delete from audit where position <= ?")) {
            delete.setLong(1, last.position());
            return Optional.of(new Cut(delete.executeUpdate(), checkpoint));
        }
    }

    /** The last entries that went, by each of the checkpoints that are still there; newest first. */
    static List<Anchor> cuts(Connection connection) throws SQLException {
        AuditQuery all = new AuditQuery(null, EXPIRED, "audit", null, null, 0, Integer.MAX_VALUE);
        return AuditRows.find(connection, all).stream()
                .map(row -> row.read().details())
                .flatMap(details -> Anchor.parse(details.get("lastPosition") + ":" + details.get("lastHash")).stream())
                .toList();
    }
}
