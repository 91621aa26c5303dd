package io.watchkeeper.checklist;

import io.watchkeeper.measures.Measurements;
import io.watchkeeper.measures.Sample;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.Checklist;
import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.StepOutcome;
import io.watchkeeper.runbook.VerbResult;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the report of a run. */
final class ReportMaking {

    private static final Logger LOG = LoggerFactory.getLogger(ReportMaking.class);

    /** What is shown of what was measured, in this order. */
    private static final List<String> METRICS = List.of(
            "database_bytes",
            "table_bytes",
            "table_bloat_ratio",
            "table_dead_ratio",
            "index_bytes",
            "index_scans",
            "cache_hit_ratio",
            "connections",
            "statement_ms",
            "restore_rpo_seconds",
            "restore_rto_seconds");

    /** Of a figure that there are many of, so many are looked at, and the largest shown. */
    private static final int CANDIDATES = 20;

    private static final int SHOWN = 5;

    /** How the end of a run begins that nobody has seen. */
    private static final String INTERRUPTED = "interrupted:";

    /** Hooks are told as steps, too; they are no items. */
    private static final Set<String> HOOKS = Set.of("onFailure", "onRecovery");

    private ReportMaking() {}

    static ChecklistReport of(RunOutcome run, Checklist kind, Measurements measurements) {
        return new ChecklistReport(
                run.runId(),
                run.runbook(),
                run.host(),
                kind,
                run.startedAt(),
                run.duration(),
                unfinished(run),
                items(run),
                trends(run, kind, measurements));
    }

    static List<Item> items(RunOutcome run) {
        return run.steps().stream()
                .filter(step -> !HOOKS.contains(step.name()))
                .map(ReportMaking::item)
                .toList();
    }

    /** Told to stop, or its process died: the items that are missing or were not reached say nothing. */
    private static String unfinished(RunOutcome run) {
        RunError error = run.error();
        if (error == null) {
            return "";
        }
        boolean stopped = run.state() == RunState.CANCELLED || run.state() == RunState.TIMED_OUT;
        boolean leftOut = run.steps().stream()
                .anyMatch(step -> step.state() == RunState.SKIPPED || step.state() == RunState.CANCELLED);
        return stopped || leftOut || error.message().startsWith(INTERRUPTED) ? error.message() : "";
    }

    private static Item item(StepOutcome step) {
        List<Look> looks = looks(step);
        ItemState seen = looks.stream().map(Look::state).reduce(ItemState.OK, ItemState::worse);
        ItemState state = switch (step.state()) {
            case SUCCEEDED -> seen;
            case SKIPPED -> ItemState.LEFT_OUT;
            default -> ItemState.FAIL;
        };
        RunError error = step.error();
        // A step that fails because of what it found has said so already.
        boolean said = seen == ItemState.FAIL;
        List<Need> failures = error == null || said || state == ItemState.LEFT_OUT
                ? List.of()
                : List.of(new Need(step.name(), true, error.message(), error.hint() == null ? "" : error.hint()));
        return new Item(step.name(), state, step.duration(), looks, failures);
    }

    /** In the order in which they were begun; tables that were kept up in one go are one. */
    private static List<Look> looks(StepOutcome step) {
        Map<String, List<VerbResult>> upkeep = new LinkedHashMap<>();
        step.results().stream()
                .filter(result -> UpkeepReading.VERBS.contains(result.verb()))
                .forEach(result -> upkeep.computeIfAbsent(key(result), any -> new ArrayList<>())
                        .add(result));
        List<Look> looks = new ArrayList<>();
        for (VerbResult result : step.results()) {
            if (UpkeepReading.VERBS.contains(result.verb())) {
                List<VerbResult> all = upkeep.remove(key(result));
                if (all != null) {
                    looks.add(UpkeepReading.of(step.name(), all));
                }
            } else {
                ResultReading.of(step.name(), result).ifPresent(looks::add);
            }
        }
        return looks;
    }

    private static String key(VerbResult result) {
        return result.verb() + " " + result.fields().get("database");
    }

    /** A store that cannot be read takes no report away. */
    private static List<Trend> trends(RunOutcome run, Checklist kind, Measurements measurements) {
        Instant since = run.startedAt().minus(lookingBack(kind));
        List<Trend> trends = new ArrayList<>();
        try {
            for (String database : databases(run)) {
                for (String metric : METRICS) {
                    trends.addAll(trends(database, metric, since, measurements));
                }
            }
        } catch (OperatorException e) {
            LOG.warn("the report of {} has no trends: {}", run.runbook(), e.getMessage());
        }
        return trends;
    }

    private static List<Trend> trends(String database, String metric, Instant since, Measurements measurements) {
        List<Map.Entry<String, Sample>> candidates = measurements.oldest(database, metric, since).entrySet().stream()
                .sorted(Comparator.comparingDouble(
                        (Map.Entry<String, Sample> one) -> -one.getValue().value()))
                .limit(CANDIDATES)
                .toList();
        return candidates.stream()
                .map(one -> new Trend(
                        database, metric, one.getKey(), measurements.series(database, metric, one.getKey(), since)))
                .filter(trend -> trend.samples().size() > 1)
                .sorted(Comparator.comparingDouble((Trend trend) -> -trend.last()))
                .limit(SHOWN)
                .toList();
    }

    private static Set<String> databases(RunOutcome run) {
        Set<String> databases = new TreeSet<>();
        run.steps()
                .forEach(step -> step.results().forEach(result -> {
                    if (result.fields().get("database") instanceof String database && !database.isEmpty()) {
                        databases.add(database);
                    }
                }));
        return databases;
    }

    static Duration lookingBack(Checklist kind) {
        return switch (kind) {
            case DAILY -> Duration.ofDays(30);
            case WEEKLY -> Duration.ofDays(7 * 13);
            case MONTHLY -> Duration.ofDays(366);
        };
    }
}
