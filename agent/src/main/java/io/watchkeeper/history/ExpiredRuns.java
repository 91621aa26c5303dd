package io.watchkeeper.history;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Forgets old runs, a few per transaction so that running ones need not wait for it. */
final class ExpiredRuns {

    private static final int PER_TRANSACTION = 200;

    /** The newest run of a runbook under each of these is kept, however old. */
    private static final List<String> KEPT = List.of("true", "state <> 'skipped'", "state = 'succeeded'");

    private final HistoryFile file;

    ExpiredRuns(HistoryFile file) {
        this.file = file;
    }

    /** @return how many runs were forgotten */
    int delete(Instant endedBefore) {
        Set<String> kept = file.read(ExpiredRuns::kept);
        List<String> old = file.read(connection ->
                RunRows.select(connection, "where ended_at < ? order by id", List.of(StoredText.of(endedBefore)))
                        .stream()
                        .map(run -> run.runId())
                        .filter(id -> !kept.contains(id))
                        .toList());
        for (int from = 0; from < old.size(); from += PER_TRANSACTION) {
            List<String> some = old.subList(from, Math.min(old.size(), from + PER_TRANSACTION));
            file.write(connection -> delete(connection, some));
        }
        return old.size();
    }

    private static Set<String> kept(Connection connection) throws SQLException {
        Set<String> kept = new HashSet<>();
        for (String runbook : PastRunRows.runbooks(connection)) {
            for (String condition : KEPT) {
                RunRows.select(
                                connection,
                                "where runbook = ? and dry_run = 0 and " + condition + " order by id desc limit 1",
                                List.of(runbook))
                        .forEach(run -> kept.add(run.runId()));
            }
        }
        return kept;
    }

    private static int delete(Connection connection, List<String> ids) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("delete from run where id = ?")) {
            for (String id : ids) {
                delete.setString(1, id);
                delete.executeUpdate();
            }
        }
        return ids.size();
    }
}
