package io.watchkeeper.history;

import io.watchkeeper.schedule.ScheduleMemory;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What the scheduler remembers, in the same store as the runs. */
final class ScheduleRows implements ScheduleMemory {

    private final HistoryFile file;

    ScheduleRows(HistoryFile file) {
        this.file = file;
    }

    @Override
    public Set<String> paused() {
        return file.read(connection -> {
            Set<String> names = new TreeSet<>();
            try (PreparedStatement select =
                            connection.prepareStatement("select runbook from schedule where paused = 1");
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    names.add(row.getString(1));
                }
            }
            return names;
        });
    }

    @Override
    public void setPaused(String runbook, boolean paused) {
        String sql = """
                insert into schedule (runbook, paused) values (?, ?)
                on conflict (runbook) do update set paused = excluded.paused
                """;
        file.change(connection -> {
            try (PreparedStatement insert = connection.prepareStatement(sql)) {
                insert.setString(1, runbook);
                insert.setBoolean(2, paused);
                insert.executeUpdate();
            }
        });
    }

    @Override
    public Optional<Instant> lastFireTime(String runbook) {
        return file.read(connection -> {
            try (PreparedStatement select =
                    connection.prepareStatement("select last_fire_time from schedule where runbook = ?")) {
                select.setString(1, runbook);
                return instant(select);
            }
        });
    }

    @Override
    public void setLastFireTime(String runbook, Instant fireTime) {
        setLastFireTimes(Map.of(runbook, fireTime));
    }

    @Override
    public void setLastFireTimes(Map<String, Instant> fireTimes) {
        String sql = """
                insert into schedule (runbook, last_fire_time) values (?, ?)
                on conflict (runbook) do update set last_fire_time = excluded.last_fire_time
                """;
        file.change(connection -> {
            try (PreparedStatement insert = connection.prepareStatement(sql)) {
                for (Map.Entry<String, Instant> each : fireTimes.entrySet()) {
                    insert.setString(1, each.getKey());
                    insert.setString(2, StoredText.of(each.getValue()));
                    insert.executeUpdate();
                }
            }
        });
    }

    private static Optional<Instant> instant(PreparedStatement select) throws SQLException {
        try (ResultSet row = select.executeQuery()) {
            return row.next() ? Optional.ofNullable(row.getString(1)).map(Instant::parse) : Optional.empty();
        }
    }
}
