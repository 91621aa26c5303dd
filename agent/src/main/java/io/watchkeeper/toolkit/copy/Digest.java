package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Session;
import java.math.BigDecimal;
import java.sql.SQLException;

/**
 * How many rows there are, and the sum of their hashes: equal sets of rows have equal digests, whatever their order. A sum
 * tells duplicates, which an exclusive or would cancel.
 */
public record Digest(long rows, BigDecimal sum) {

    public static Digest read(Session session, String sql) throws SQLException {
        return session.oneVerbatim(sql, row -> new Digest(row.getLong(1), row.getBigDecimal(2)));
    }
}
