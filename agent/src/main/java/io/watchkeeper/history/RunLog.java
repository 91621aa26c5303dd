package io.watchkeeper.history;

import io.watchkeeper.engine.LogLine;
import io.watchkeeper.problem.OperatorException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The runs' log lines. They come by the thousand, so they are gathered for a moment and stored together; a process that is
 * killed loses at most that moment's lines.
 */
final class RunLog {

    /** A run keeps this many lines; one more says that the rest was dropped. */
    static final int LONGEST = 10_000;

    /** Lines that wait for a store that cannot be written; beyond this they are dropped. */
    private static final int MOST_WAITING = 50_000;

    private static final Logger LOG = LoggerFactory.getLogger(RunLog.class);

    private record Waiting(String runId, int position, LogLine line) {}

    private final HistoryFile file;
    private final Object flushing = new Object();
    private final Map<String, Integer> positions = new HashMap<>();
    private List<Waiting> waiting = new ArrayList<>();

    RunLog(HistoryFile file) {
        this.file = file;
    }

    /** @return whether this is the first line that waits, so that someone must see to it that it is stored */
    synchronized boolean add(String runId, LogLine line) {
        int position = positions.merge(runId, 1, Integer::sum) - 1;
        if (position > LONGEST || waiting.size() >= MOST_WAITING) {
            return false;
        }
        LogLine kept = position < LONGEST
                ? line
                : new LogLine(
                        line.at(),
                        LogLine.Level.WARN,
                        "more lines were dropped: the history keeps " + LONGEST + " of a run.");
        waiting.add(new Waiting(runId, position, kept));
        return waiting.size() == 1;
    }

    /** Stores the lines that wait. They go on waiting when that fails. @return whether all are stored now */
    boolean flush() {
        // One at a time: whoever returns from here may rely on every earlier line being on disk.
        synchronized (flushing) {
            List<Waiting> taken = take();
            if (taken.isEmpty()) {
                return true;
            }
            try {
                file.write(connection -> store(connection, taken));
                return true;
            } catch (OperatorException e) {
                putBack(taken);
                LOG.warn("{} log lines of runs could not be stored and wait: {}", taken.size(), e.getMessage());
                return false;
            }
        }
    }

    private static int store(Connection connection, List<Waiting> lines) throws SQLException {
        // A run that was forgotten meanwhile takes its lines with it. Storing a line twice, after a commit whose answer
        // was
        // lost, does nothing.
        String sql = """
                insert into log_line (run_id, position, at, level, message)
                select ?1, ?2, ?3, ?4, ?5 where exists (select 1 from run where id = ?1)
                on conflict do nothing
                """;
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            for (Waiting each : lines) {
                insert.setString(1, each.runId());
                insert.setInt(2, each.position());
                insert.setString(3, StoredText.of(each.line().at()));
                insert.setString(4, each.line().level().name());
                insert.setString(5, StoredText.of(each.line().message()));
                insert.executeUpdate();
            }
        }
        return lines.size();
    }

    static List<LogLine> read(Connection connection, String runId) throws SQLException {
        List<LogLine> lines = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(
                "select at, level, message from log_line where run_id = ? order by position")) {
            select.setString(1, runId);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    lines.add(new LogLine(
                            Instant.parse(row.getString("at")),
                            LogLine.Level.valueOf(row.getString("level")),
                            row.getString("message")));
                }
            }
        }
        return lines;
    }

    /** No more lines of this run will come. */
    synchronized void ended(String runId) {
        positions.remove(runId);
    }

    private synchronized List<Waiting> take() {
        List<Waiting> taken = waiting;
        waiting = new ArrayList<>();
        return taken;
    }

    private synchronized void putBack(List<Waiting> taken) {
        taken.addAll(waiting);
        waiting = taken;
    }
}
