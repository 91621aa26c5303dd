package io.watchkeeper.toolkit.sync;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

/**
 * Source against target, row by row.
 *
 * @param missing keys of the source that the target lacks
 * @param stale keys of both whose other values differ
 * @param ghosts keys of the target that the source lacks
 */
record TableComparison(int missing, int stale, int ghosts) {

    /** Reads table {@code t} of both; in the transaction of each connection, if it has one. */
    static TableComparison of(Connection source, Connection target) throws SQLException {
        Map<Long, String> here = rows(source);
        Map<Long, String> there = rows(target);
        int missing = 0;
        int stale = 0;
        for (Map.Entry<Long, String> row : here.entrySet()) {
            String other = there.remove(row.getKey());
            if (other == null) {
                missing++;
            } else if (!other.equals(row.getValue())) {
                stale++;
            }
        }
        return new TableComparison(missing, stale, there.size());
    }

    private static Map<Long, String> rows(Connection connection) throws SQLException {
        Map<Long, String> rows = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet read =
                        statement.executeQuery("select id, concat_ws('|', coalesce(v::text, '-'), n, filler) from t")) {
            while (read.next()) {
                rows.put(read.getLong(1), read.getString(2));
            }
        }
        return rows;
    }

    boolean same() {
        return missing == 0 && stale == 0 && ghosts == 0;
    }
}
