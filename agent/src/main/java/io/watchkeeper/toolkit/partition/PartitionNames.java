package io.watchkeeper.toolkit.partition;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;

/** Names for new partitions that PostgreSQL neither shortens nor has already. */
final class PartitionNames {

    private static final int MOST_BYTES = 63;

    private final Session session;
    private final Set<TableName> given = new HashSet<>();

    PartitionNames(Session session) {
        this.session = session;
    }

    /** A free name in the schema of the table, from its name and the suffix; where it is taken, with a number behind it. */
    TableName free(TableName table, String suffix) throws SQLException {
        for (int number = 1; ; number++) {
            TableName name =
                    new TableName(table.schema(), joined(table.name(), number == 1 ? suffix : suffix + "_" + number));
            if (!isTaken(name) && given.add(name)) {
                return name;
            }
        }
    }

    private boolean isTaken(TableName name) throws SQLException {
        return session.one(
                "select exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                        + " where n.nspname = ? and c.relname = ?)",
                row -> row.getBoolean(1),
                name.schema(),
                name.name());
    }

    /** What is too long loses letters in the middle, and gets a mark by which two such names differ. */
    static String joined(String name, String suffix) {
        if (bytes(name + suffix) <= MOST_BYTES) {
            return name + suffix;
        }
        String mark = "_" + String.format("%06x", name.hashCode() & 0xffffff);
        String cut = name;
        while (!cut.isEmpty() && bytes(cut + mark + suffix) > MOST_BYTES) {
            cut = cut.substring(0, cut.offsetByCodePoints(cut.length(), -1));
        }
        return cut.isEmpty() ? suffix.substring(Math.max(0, suffix.length() - 20)) + mark : cut + mark + suffix;
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
