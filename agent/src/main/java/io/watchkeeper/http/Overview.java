package io.watchkeeper.http;

import io.watchkeeper.audit.AuditQuery;
import io.watchkeeper.audit.AuditState;
import io.watchkeeper.checklist.KeptReport;
import io.watchkeeper.engine.ArbiterState;
import io.watchkeeper.http.page.AgentView;
import io.watchkeeper.http.page.AuditView;
import io.watchkeeper.http.page.Excerpt;
import io.watchkeeper.http.page.ObjectiveLines;
import io.watchkeeper.http.page.SafetyCourse;
import io.watchkeeper.http.page.SafetyFigures;
import io.watchkeeper.http.page.StatusView;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Problem;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.protection.ProtectionReview;
import io.watchkeeper.replicas.ReplicationReview;
import io.watchkeeper.review.Review;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.runbook.Schedule;
import io.watchkeeper.runbook.TableState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Gathers what the status page shows. */
final class Overview {

    private static final int NEXT_RUNS = 6;
    private static final int RECENT_RUNS = 12;
    private static final int AUDIT_ENTRIES = 8;

    /** How far back a row of failures is counted. */
    private static final int STREAK = 50;

    private final HttpServer.Parts parts;
    private final RunLookup runs;
    private final DayLook days;
    private final String assetVersion;

    Overview(HttpServer.Parts parts, RunLookup runs, String assetVersion) {
        this.assetVersion = assetVersion;
        this.parts = parts;
        this.runs = runs;
        this.days = new DayLook(parts);
    }

    StatusView view() {
        RunbookRegistry.Contents contents = parts.registry().contents();
        List<RunOutcome> running = runs.running();
        Map<String, RunOutcome> last = runs.lastRuns();
        List<StatusView.Row> rows = rows(contents, last);
        List<String> warnings = new ArrayList<>(parts.readiness().warnings());
        Protection protection = protection(warnings);
        List<TableState> tables = tables();
        List<Review> objectives = parts.objectives().get();
        objectives.forEach(review -> ObjectiveLines.warning(review).ifPresent(warnings::add));
        return new StatusView(
                agent(),
                parts.readiness().reasons(),
                warnings,
                contents.problems().stream().map(p -> broken(p, contents)).toList(),
                rows.stream()
                        .map(row -> failing(row, running))
                        .flatMap(Optional::stream)
                        .toList(),
                running.stream().map(this::running).toList(),
                heavy(warnings),
                next(rows),
                rows,
                runs.list(null, null, RECENT_RUNS, null),
                protection,
                ProtectionReview.concerns(protection, parts.clock().instant()),
                tables,
                checklists(),
                audit(warnings),
                parts.replication(),
                parts.limits(),
                ReplicationReview.concerns(parts.replication().servers(), parts.limits()),
                SafetyFigures.of(tables, parts.replication(), parts.limits(), protection),
                course(),
                days.day(rows, running),
                objectives,
                lastProblem());
    }

    /** The runbooks in force, by name. */
    List<StatusView.Row> rows() {
        return rows(parts.registry().contents(), runs.lastRuns());
    }

    private List<StatusView.Row> rows(RunbookRegistry.Contents contents, Map<String, RunOutcome> last) {
        return contents.runbooks().values().stream()
                .map(runbook -> row(runbook, last.get(runbook.name())))
                .toList();
    }

    /** As with the tables. */
    private SafetyCourse course() {
        try {
            return SafetyCourse.of(parts.measures(), parts.clock().instant());
        } catch (OperatorException e) {
            return SafetyCourse.UNKNOWN;
        }
    }

    private ArbiterState heavy(List<String> warnings) {
        try {
            return parts.control().heavy();
        } catch (OperatorException e) {
            warnings.add(String.valueOf(e.getMessage()));
            return ArbiterState.NONE;
        }
    }

    /** A repository that cannot be read must not take the page with it, of all moments then. */
    private Protection protection(List<String> warnings) {
        try {
            return parts.protection().get();
        } catch (OperatorException e) {
            warnings.add(String.valueOf(e.getMessage()));
            return Protection.NONE;
        }
    }

    /** That the store cannot be read is said by those who need it more. */
    private List<TableState> tables() {
        try {
            return parts.tables().get();
        } catch (OperatorException e) {
            return List.of();
        }
    }

    /** As with the tables. */
    private List<KeptReport> checklists() {
        try {
            return parts.archive().checklists();
        } catch (OperatorException e) {
            return List.of();
        }
    }

    private AuditView audit(List<String> warnings) {
        try {
            AuditState state = parts.trail().state();
            if (state.damage() != null) {
                warnings.add("the audit trail is not as it was written: "
                        + state.damage().message());
            }
            return new AuditView(state, parts.trail().find(AuditQuery.newest(AUDIT_ENTRIES)));
        } catch (OperatorException e) {
            // As with the tables.
            return new AuditView(AuditState.NONE, List.of());
        }
    }

    /** The agent, as every page names it. */
    AgentView agent() {
        HttpServer.About about = parts.about();
        return new AgentView(
                about.host(),
                about.role(),
                about.version(),
                about.startedAt(),
                about.configFile(),
                about.runbookFolder(),
                assetVersion);
    }

    /** Lines of a file that a loaded runbook or a load problem comes from; of no other file. */
    @Nullable
    Excerpt excerpt(String file, int line) {
        RunbookRegistry.Contents contents = parts.registry().contents();
        Set<String> known = Stream.concat(
                        contents.runbooks().values().stream()
                                .map(r -> r.location().file()),
                        contents.problems().stream().map(Problem::file))
                .collect(Collectors.toSet());
        return known.contains(file)
                ? SourceText.of(file)
                        .flatMap(text -> Excerpt.around(text, line))
                        .orElse(null)
                : null;
    }

    private StatusView.Row row(Runbook runbook, @Nullable RunOutcome last) {
        Schedule schedule = runbook.schedule();
        return new StatusView.Row(
                runbook,
                schedule == null ? "" : ScheduleWords.say(schedule),
                schedule == null
                        ? null
                        : parts.timetable().nextFireTimes(runbook.name(), 1).stream()
                                .findFirst()
                                .orElse(null),
                parts.timetable().isPaused(runbook.name()),
                last);
    }

    private StatusView.Broken broken(Problem problem, RunbookRegistry.Contents contents) {
        boolean stillRuns = contents.runbooks().values().stream()
                .anyMatch(r -> r.location().file().equals(problem.file()));
        return new StatusView.Broken(problem, excerpt(problem.file(), problem.line()), stillRuns);
    }

    /** A run that is skipped, cancelled or under way does not make up for the failure before it. */
    private Optional<StatusView.Failing> failing(StatusView.Row row, List<RunOutcome> running) {
        RunOutcome newest = row.last();
        if (newest == null || newest.state() == RunState.SUCCEEDED) {
            return Optional.empty();
        }
        List<RunOutcome> streak = parts.archive().verdicts(row.runbook().name(), STREAK).stream()
                .takeWhile(Overview::isBad)
                .toList();
        if (streak.isEmpty()) {
            return Optional.empty();
        }
        boolean retrying =
                running.stream().anyMatch(r -> r.runbook().equals(row.runbook().name()) && !r.dryRun());
        return Optional.of(new StatusView.Failing(
                streak.get(0), streak.size(), streak.get(streak.size() - 1).startedAt(), retrying));
    }

    private StatusView.Running running(RunOutcome run) {
        int steps =
                parts.registry().find(run.runbook()).map(r -> r.steps().size()).orElse(0);
        return new StatusView.Running(run, steps, parts.live().progress(run.runId()));
    }

    private List<StatusView.Next> next(List<StatusView.Row> rows) {
        // Only the runbooks that fire first can be among the first fire times; asking all of them for six would take
        // long.
        return rows.stream()
                .filter(row -> !row.paused() && row.next() != null)
                .sorted(Comparator.comparing(StatusView.Row::next))
                .limit(NEXT_RUNS)
                .flatMap(row -> parts.timetable().nextFireTimes(row.runbook().name(), NEXT_RUNS).stream()
                        .map(at -> new StatusView.Next(row.runbook(), at)))
                .sorted(Comparator.comparing(StatusView.Next::at))
                .limit(NEXT_RUNS)
                .toList();
    }

    private @Nullable Instant lastProblem() {
        return Stream.of(RunState.FAILED, RunState.TIMED_OUT)
                .flatMap(state -> runs.list(null, state, STREAK, null).stream())
                .filter(r -> !r.dryRun())
                .map(RunOutcome::startedAt)
                .max(Comparator.naturalOrder())
                .orElse(null);
    }

    private static boolean isBad(RunOutcome run) {
        return run.state() == RunState.FAILED || run.state() == RunState.TIMED_OUT;
    }
}
