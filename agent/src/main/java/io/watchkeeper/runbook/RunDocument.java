package io.watchkeeper.runbook;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The run document of {@code --json} and {@code GET /v1/runs/{id}}, as plain maps and lists for any JSON writer. */
public final class RunDocument {

    private RunDocument() {}

    /** The whole document, steps included. */
    public static Map<String, Object> of(RunOutcome run) {
        Map<String, Object> document = summary(run);
        List<Object> steps = new ArrayList<>();
        for (StepOutcome step : run.steps()) {
            steps.add(step(step));
        }
        // Steps stand before the error, where a reader looks for them.
        Object error = document.remove("error");
        document.put("steps", steps);
        if (error != null) {
            document.put("error", error);
        }
        return document;
    }

    /** The document without steps, as it stands in lists. */
    public static Map<String, Object> summary(RunOutcome run) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("runId", run.runId());
        document.put("runbook", run.runbook());
        document.put("host", run.host());
        document.put("state", run.state().wireName());
        document.put("startedAt", run.startedAt().toString());
        document.put("durationMs", run.duration().toMillis());
        document.put("dryRun", run.dryRun());
        document.put("trigger", triggerName(run.trigger()));
        if (run.by() != null) {
            document.put("requestedBy", run.by().name());
            document.put("requestedFrom", run.by().from());
        }
        if (run.checklist() != null) {
            document.put("checklist", run.checklist().wireName());
        }
        if (!run.params().isEmpty()) {
            document.put("params", run.params());
        }
        if (run.error() != null) {
            document.put("error", error(run.error()));
        }
        return document;
    }

    public static Map<String, Object> step(StepOutcome step) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("name", step.name());
        document.put("state", step.state().wireName());
        document.put("durationMs", step.duration().toMillis());
        document.put("attempts", step.attempts());
        List<Object> results = new ArrayList<>();
        for (VerbResult result : step.results()) {
            results.add(result(result));
        }
        document.put("results", results);
        if (step.error() != null) {
            document.put("error", error(step.error()));
        }
        return document;
    }

    public static Map<String, Object> result(VerbResult result) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("verb", result.verb());
        document.putAll(result.fields());
        return document;
    }

    public static Map<String, Object> error(RunError error) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("message", error.message());
        if (error.hint() != null) {
            document.put("hint", error.hint());
        }
        if (error.file() != null) {
            document.put("file", error.file());
            document.put("line", error.line());
        }
        if (error.sqlState() != null) {
            document.put("sqlState", error.sqlState());
        }
        return document;
    }

    private static String triggerName(RunTrigger trigger) {
        return trigger == RunTrigger.CATCH_UP ? "catchUp" : trigger.name().toLowerCase(Locale.ROOT);
    }
}
