package io.watchkeeper.toolkit.sync;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How the source's transactions are spread over the rows that the target has of them.
 *
 * @param count rows whose transaction is known; with 0, the other figures are 0 too
 * @param stddev over all of these rows, not over a sample
 */
public record XminSpread(long count, long min, long max, double mean, double stddev) {

    static final String FIGURES = "count(source_xmin), min(source_xmin), max(source_xmin), avg(source_xmin)::float8,"
            + " stddev_pop(source_xmin)::float8";

    static XminSpread read(ResultSet row) throws SQLException {
        return new XminSpread(row.getLong(1), row.getLong(2), row.getLong(3), row.getDouble(4), row.getDouble(5));
    }

    public long range() {
        return max - min;
    }

    /** As it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("count", count);
        if (count > 0) {
            fields.put("min", min);
            fields.put("max", max);
            fields.put("mean", mean);
            fields.put("stddev", stddev);
            fields.put("range", range());
        }
        return fields;
    }
}
