package io.watchkeeper.http;

import io.watchkeeper.runbook.Guard;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.RunDocument;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.Schedule;
import io.watchkeeper.units.DurationText;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A runbook as it stands in {@code GET /v1/runbooks}. */
public final class RunbookDocument {

    private RunbookDocument() {}

    /** @param nextFireTimes from now on. @param lastRun null when it never ran here */
    public static Map<String, Object> summary(
            Runbook runbook, List<Instant> nextFireTimes, boolean paused, @Nullable RunOutcome lastRun) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("name", runbook.name());
        document.put("description", runbook.description());
        document.put("owner", runbook.owner());
        document.put("roles", new TreeSet<>(runbook.roles()));
        Schedule schedule = runbook.schedule();
        if (schedule != null) {
            document.put("scheduleText", ScheduleWords.say(schedule));
            document.put("schedule", ScheduleWords.document(schedule));
        }
        document.put("paused", paused);
        document.put(
                "nextFireTimes", nextFireTimes.stream().map(Instant::toString).toList());
        if (lastRun != null) {
            document.put("lastRun", RunDocument.summary(lastRun));
        }
        document.put("file", runbook.location().file());
        document.put("line", runbook.location().line());
        return document;
    }

    /** What {@link #summary} leaves out. */
    static Map<String, Object> details(Runbook runbook) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put(
                "params",
                runbook.parameters().stream()
                        .map(p -> {
                            Map<String, Object> parameter = new LinkedHashMap<>();
                            parameter.put("name", p.name());
                            parameter.put("default", p.defaultValue());
                            parameter.put("required", p.defaultValue() == null);
                            return parameter;
                        })
                        .toList());
        document.put("policy", policy(runbook.policy()));
        document.put(
                "guards", runbook.guards().stream().map(RunbookDocument::guard).toList());
        document.put(
                "steps",
                runbook.steps().stream()
                        .map(step -> Map.of(
                                "name", step.name(), "line", step.location().line()))
                        .toList());
        document.put("onFailure", runbook.onFailure() != null);
        document.put("onRecovery", runbook.onRecovery() != null);
        document.put("fingerprint", runbook.fingerprint());
        return document;
    }

    private static Map<String, Object> policy(Policy policy) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("timeout", DurationText.say(policy.timeout()));
        document.put("attempts", policy.attempts());
        document.put("backOff", DurationText.say(policy.backOff()));
        document.put("overlap", policy.overlap().name().toLowerCase(Locale.ROOT));
        document.put("locks", policy.locks());
        return document;
    }

    private static Map<String, Object> guard(Guard guard) {
        Map<String, Object> document = new LinkedHashMap<>();
        if (guard instanceof Guard.MaxReplicationLag lag) {
            document.put("guard", "maxReplicationLag");
            document.put("database", lag.database());
            document.put("lag", lag.lag().toString());
        } else if (guard instanceof Guard.MinFreeDisk disk) {
            document.put("guard", "minFreeDisk");
            document.put("path", disk.path());
            document.put("free", disk.free().toString());
        }
        return document;
    }
}
