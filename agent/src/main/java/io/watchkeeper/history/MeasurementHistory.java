package io.watchkeeper.history;

import io.watchkeeper.measures.Measurement;
import io.watchkeeper.measures.Measurements;
import io.watchkeeper.measures.Sample;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Figures over time, in the same store as the runs. */
final class MeasurementHistory implements Measurements {

    private static final String INSERT = """
            insert into measurement (database, metric, subject, at, value) values (?, ?, ?, ?, ?)
            on conflict (database, metric, subject, at) do update set value = excluded.value
            """;

    private final HistoryFile file;

    MeasurementHistory(HistoryFile file) {
        this.file = file;
    }

    @Override
    public void note(Instant at, List<Measurement> figures) {
        if (figures.isEmpty()) {
            return;
        }
        file.write(connection -> {
            try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
                for (Measurement figure : figures) {
                    insert.setString(1, figure.database());
                    insert.setString(2, figure.metric());
                    insert.setString(3, figure.subject());
                    insert.setLong(4, at.getEpochSecond());
                    insert.setDouble(5, figure.value());
                    insert.addBatch();
                }
                return insert.executeBatch().length;
            }
        });
    }

    @Override
    public List<Sample> series(String database, String metric, String subject, Instant since) {
        return file.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(
                    "select at, value from measurement where database = ? and metric = ? and subject = ? and at >= ? order by at")) {
                select.setString(1, database);
                select.setString(2, metric);
                select.setString(3, subject);
                select.setLong(4, since.getEpochSecond());
                List<Sample> samples = new ArrayList<>();
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        samples.add(new Sample(Instant.ofEpochSecond(row.getLong(1)), row.getDouble(2)));
                    }
                }
                return samples;
            }
        });
    }

    @Override
    public Map<String, Sample> oldest(String database, String metric, Instant since) {
        return file.read(connection -> {
            // With min(), SQLite takes the other columns from the row that has the minimum.
            try (PreparedStatement select =
                    connection.prepareStatement("select subject, min(at), value from measurement"
                            + " where database = ? and metric = ? and at >= ? group by subject order by subject")) {
                select.setString(1, database);
                select.setString(2, metric);
                select.setLong(3, since.getEpochSecond());
                Map<String, Sample> samples = new LinkedHashMap<>();
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        samples.put(
                                row.getString(1), new Sample(Instant.ofEpochSecond(row.getLong(2)), row.getDouble(3)));
                    }
                }
                return samples;
            }
        });
    }

    @Override
    public Optional<Instant> holds(
            String database, String condition, String subject, boolean holds, Instant now, Duration forgottenAfter) {
        return Optional.of(file.write(connection -> {
                    if (holds) {
                        return begin(connection, database, condition, subject, now, forgottenAfter);
                    }
                    end(connection, database, condition, subject);
                    return Instant.MAX;
                }))
                .filter(since -> holds);
    }

    private static Instant begin(
            Connection connection,
            String database,
            String condition,
            String subject,
            Instant now,
            Duration forgottenAfter)
            throws SQLException {
        String sql = """
                insert into held_condition (database, condition, subject, since, told_at) values (?1, ?2, ?3, ?4, ?4)
                on conflict (database, condition, subject) do update set
                    since = case when told_at < ?5 then excluded.since else since end,
                    told_at = excluded.told_at
                returning since
                """;
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            insert.setString(1, database);
            insert.setString(2, condition);
            insert.setString(3, subject);
            insert.setLong(4, now.getEpochSecond());
            insert.setLong(5, now.minus(forgottenAfter).getEpochSecond());
            try (ResultSet row = insert.executeQuery()) {
                row.next();
                return Instant.ofEpochSecond(row.getLong(1));
            }
        }
    }

    private static void end(Connection connection, String database, String condition, String subject)
            throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(
                "delete from held_condition where database = ? and condition = ? and subject = ?")) {
            delete.setString(1, database);
            delete.setString(2, condition);
            delete.setString(3, subject);
            delete.executeUpdate();
        }
    }
}
