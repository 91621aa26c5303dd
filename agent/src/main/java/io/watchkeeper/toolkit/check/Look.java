package io.watchkeeper.toolkit.check;

import io.watchkeeper.measures.Measurement;
import io.watchkeeper.measures.Measurements;
import io.watchkeeper.measures.Sample;
import io.watchkeeper.postgres.Session;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * One look at a server: several checks may share it, and its session.
 *
 * @param now by this host's clock, for what is compared with earlier looks
 * @param measurements what was measured before, and where to keep what is measured now
 */
public record Look(Session session, Instant now, Measurements measurements) {

    /** How far back a rate is taken from: long enough for a quiet night, short enough to notice that something changed. */
    private static final Duration RATE_OVER = Duration.ofDays(7);

    /** Longer than from one look a month to the next. */
    static final Duration REMEMBERED = Duration.ofDays(62);

    private static final double SECONDS_A_DAY = 86_400;

    /** As configured. */
    String database() {
        return session.database().name();
    }

    /** The server's major version. Known from the login, so that it costs no statement. */
    int version() throws SQLException {
        return session.connection().getMetaData().getDatabaseMajorVersion();
    }

    List<Row> rows(String sql, @Nullable Object... params) throws SQLException {
        return session.query(sql, params).stream().map(Row::new).toList();
    }

    /** Of a statement that always returns one row. */
    Row row(String sql, @Nullable Object... params) throws SQLException {
        List<Row> rows = rows(sql, params);
        if (rows.size() != 1) {
            throw new SQLException(rows.size() + " rows where one was expected: " + sql);
        }
        return rows.get(0);
    }

    Measurement figure(String metric, String subject, double value) {
        return new Measurement(database(), metric, subject, value);
    }

    void note(List<Measurement> figures) {
        measurements.note(now, figures);
    }

    /** The oldest samples of the last days from which a rate can be told, by subject. */
    Map<String, Sample> past(String metric) {
        return past(metric, RATE_OVER);
    }

    Map<String, Sample> past(String metric, Duration back) {
        return measurements.oldest(database(), metric, now.minus(back));
    }

    /** What was noted last of a metric that has no subjects; empty when that is longer ago than {@link #REMEMBERED}. */
    OptionalDouble latest(String metric) {
        return measurements.series(database(), metric, "", now.minus(REMEMBERED)).stream()
                .mapToDouble(Sample::value)
                .reduce((earlier, later) -> later);
    }

    /**
     * How much a figure has grown a day since a sample.
     *
     * @param atLeast a sample that is younger says nothing
     * @return empty when it cannot be told
     */
    OptionalDouble perDay(@Nullable Sample then, double value, Duration atLeast) {
        if (then == null) {
            return OptionalDouble.empty();
        }
        Duration between = Duration.between(then.at(), now);
        if (between.compareTo(atLeast) < 0 || between.isZero()) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of((value - then.value()) / between.toSeconds() * SECONDS_A_DAY);
    }
}
