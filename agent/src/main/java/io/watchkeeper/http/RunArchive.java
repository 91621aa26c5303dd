package io.watchkeeper.http;

import io.watchkeeper.engine.LogLine;
import io.watchkeeper.history.RunHistory;
import io.watchkeeper.runbook.RunOutcome;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What this package asks of the store. */
public interface RunArchive {

    /** Newest first. */
    List<RunOutcome> list(RunHistory.Query query);

    /** By whole id or an unambiguous prefix. */
    Optional<RunOutcome> find(String runIdOrPrefix);

    List<LogLine> log(String runId);

    /** The newest real run of each runbook that has any. */
    Map<String, RunOutcome> lastRuns();

    static RunArchive of(RunHistory history) {
        return new RunArchive() {
            @Override
            public List<RunOutcome> list(RunHistory.Query query) {
                return history.list(query);
            }

            @Override
            public Optional<RunOutcome> find(String runIdOrPrefix) {
                return history.find(runIdOrPrefix);
            }

            @Override
            public List<LogLine> log(String runId) {
                return history.log(runId);
            }

            @Override
            public Map<String, RunOutcome> lastRuns() {
                return history.lastRuns();
            }
        };
    }
}
