package io.watchkeeper.http.page;

import io.watchkeeper.checklist.KeptReport;
import io.watchkeeper.engine.ArbiterState;
import io.watchkeeper.problem.Problem;
import io.watchkeeper.protection.Concern;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.replicas.ReplicationConcern;
import io.watchkeeper.replicas.ReplicationLimits;
import io.watchkeeper.review.Review;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.TableState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the status page shows.
 *
 * @param notReady why the agent is not ready; empty when it is
 * @param heavy of all processes of this host
 * @param next soonest first
 * @param recent newest first
 * @param concerns about backups, urgent ones first
 * @param tables when each was last the same as its source
 * @param checklists the newest report of each
 * @param audit who did what last
 * @param replicationConcerns about replication, urgent ones first
 * @param safety what is worst in each respect
 * @param course how that was in the last day
 * @param objectives whether databases keep what is promised of them; empty where nothing is
 * @param lastProblem when the newest run that failed or timed out began; null when there was none
 */
public record StatusView(
        AgentView agent,
        List<String> notReady,
        List<String> warnings,
        List<Broken> broken,
        List<Failing> failing,
        List<Running> running,
        ArbiterState heavy,
        List<Next> next,
        List<Row> runbooks,
        List<RunOutcome> recent,
        Protection protection,
        List<Concern> concerns,
        List<TableState> tables,
        List<KeptReport> checklists,
        AuditView audit,
        ReplicationBoard replication,
        ReplicationLimits limits,
        List<ReplicationConcern> replicationConcerns,
        SafetyFigures safety,
        SafetyCourse course,
        DayView day,
        List<Review> objectives,
        @Nullable Instant lastProblem) {

    /** Those that put data at risk already. */
    public List<Concern> urgentConcerns() {
        return concerns.stream().filter(Concern::urgent).toList();
    }

    /** Replicas that are too far behind already, and slots that are losing their log. */
    public List<ReplicationConcern> urgentReplicationConcerns() {
        return replicationConcerns.stream().filter(ReplicationConcern::urgent).toList();
    }

    /** Everything that works but should be looked at. */
    int warningCount() {
        return warnings.size()
                + concerns.size()
                - urgentConcerns().size()
                + replicationConcerns.size()
                - urgentReplicationConcerns().size();
    }

    /** A problem in a runbook file. @param stillRuns whether an earlier, good version of it is in force */
    public record Broken(Problem problem, @Nullable Excerpt excerpt, boolean stillRuns) {}

    /** A runbook whose newest finished run went wrong. @param times in a row. @param since when the first of them began */
    public record Failing(RunOutcome last, int times, Instant since, boolean retrying) {}

    /** @param steps of the runbook in all; 0 when unknown. @param progress newest figures, one object per subject */
    public record Running(RunOutcome run, int steps, List<Map<String, Object>> progress) {}

    public record Next(Runbook runbook, Instant at) {}

    /** @param scheduleWords empty for a runbook that only runs when asked */
    public record Row(
            Runbook runbook,
            String scheduleWords,
            @Nullable Instant next,
            boolean paused,
            @Nullable RunOutcome last) {}
}
