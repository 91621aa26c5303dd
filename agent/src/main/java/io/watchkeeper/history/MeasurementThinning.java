package io.watchkeeper.history;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the store of figures small: all of them for five weeks, the last of each day for thirteen months, so that a year can be compared with
 * the one before it. A day of UTC at a time, each in a transaction of its own: nobody waits long, and a process that dies in it has thinned
 * fewer days.
 */
final class MeasurementThinning {

    static final Duration WHOLE = Duration.ofDays(35);
    static final Duration DAILY = Duration.ofDays(400);

    /** A condition that nobody has told of for so long begins anew anyway. */
    private static final Duration CONDITIONS = Duration.ofDays(35);

    private static final long DAY = Duration.ofDays(1).toSeconds();

    private final HistoryFile file;

    /** What lies before was thinned by this process. */
    private @Nullable LocalDate thinnedTo;

    MeasurementThinning(HistoryFile file) {
        this.file = file;
    }

    synchronized void thin(Instant now) {
        file.write(connection -> delete(connection, "delete from measurement where at < ?", now.minus(DAILY)));
        file.write(connection ->
                delete(connection, "delete from held_condition where told_at < ?", now.minus(CONDITIONS)));
        LocalDate end = day(now.minus(WHOLE));
        Optional<LocalDate> begin = Optional.ofNullable(thinnedTo).or(this::oldestDay);
        if (begin.isEmpty()) {
            return;
        }
        for (LocalDate day = begin.get(); day.isBefore(end); day = day.plusDays(1)) {
            long from = day.atStartOfDay(ZoneOffset.UTC).toEpochSecond();
            file.write(connection -> thin(connection, from));
        }
        thinnedTo = end;
    }

    private static int thin(Connection connection, long from) throws SQLException {
        String sql = """
                delete from measurement where at >= ?1 and at < ?2 and exists (
                    select 1 from measurement later
                    where later.database = measurement.database and later.metric = measurement.metric
                      and later.subject = measurement.subject and later.at > measurement.at and later.at < ?2)
                """;
        try (PreparedStatement delete = connection.prepareStatement(sql)) {
            delete.setLong(1, from);
            delete.setLong(2, from + DAY);
            return delete.executeUpdate();
        }
    }

    private static int delete(Connection connection, String sql, Instant before) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(sql)) {
            delete.setLong(1, before.getEpochSecond());
            return delete.executeUpdate();
        }
    }

    private Optional<LocalDate> oldestDay() {
        return file.read(connection -> {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("select min(at) from measurement")) {
                row.next();
                long at = row.getLong(1);
                return row.wasNull() ? Optional.empty() : Optional.of(day(Instant.ofEpochSecond(at)));
            }
        });
    }

    private static LocalDate day(Instant at) {
        return at.atZone(ZoneOffset.UTC).toLocalDate();
    }
}
