package io.watchkeeper.http;

import io.watchkeeper.checklist.KeptReport;
import io.watchkeeper.engine.LogLine;
import io.watchkeeper.engine.RunReports;
import io.watchkeeper.history.RunHistory;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunTicks;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
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

    /** The JSON report that the run's verbs have written, as verifications and drills do; empty when there is none. */
    Optional<String> verification(String runId);

    /** The same for people: {@code report.html}, or another file by name; empty when there is none. */
    Optional<String> report(String runId, String file);

    /** The newest report of each runbook that is a checklist: daily ones first. */
    List<KeptReport> checklists();

    /** The newest real run of each runbook that has any. */
    Map<String, RunOutcome> lastRuns();

    /** The newest real runs of a runbook that succeeded, failed or timed out, newest first. @param count at most */
    List<RunOutcome> verdicts(String runbook, int count);

    /** What ran since then, counted by stretches of time. @param stretch whole seconds */
    List<RunTicks> ticks(Instant since, Duration stretch);

    /** @param state the agent's state directory, for what runs have written beside their history */
    static RunArchive of(RunHistory history, Path state) {
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
            public Optional<String> verification(String runId) {
                return RunReports.read(state, runId, "report.json");
            }

            @Override
            public Optional<String> report(String runId, String file) {
                return RunReports.read(state, runId, file);
            }

            @Override
            public List<KeptReport> checklists() {
                return KeptReport.of(history.lastChecklists(), state);
            }

            @Override
            public Map<String, RunOutcome> lastRuns() {
                return history.lastRuns();
            }

            @Override
            public List<RunOutcome> verdicts(String runbook, int count) {
                return history.verdicts(runbook, count);
            }

            @Override
            public List<RunTicks> ticks(Instant since, Duration stretch) {
                return history.ticks(since, stretch);
            }
        };
    }
}
