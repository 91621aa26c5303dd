package io.watchkeeper.history;

import io.watchkeeper.audit.Audit;
import io.watchkeeper.audit.AuditEvent;
import io.watchkeeper.engine.RunListener;
import io.watchkeeper.runbook.Requester;
import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.VerbResult;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Puts runs on record: who asked for one, how it ended, and what it did that somebody may ask about later. A run whose beginning
 * cannot be recorded is refused; what cannot be recorded later is recorded as soon as it can be.
 */
public final class AuditedRuns implements RunListener, AutoCloseable {

    private static final String OK = "ok";

    private final Audit audit;
    private final LateRecords late;

    /** Those under way. */
    private final Map<String, RunOutcome> runs = new ConcurrentHashMap<>();

    public AuditedRuns(Audit audit) {
        this.audit = audit;
        this.late = new LateRecords(audit);
    }

    @Override
    public void runAccepted(RunOutcome run) {
        Map<String, Object> details = details(run);
        details.put("trigger", run.trigger().name().toLowerCase(Locale.ROOT));
        details.put("params", run.params());
        Requester by = by(run);
        audit.record(new AuditEvent(by.name(), by.from(), "run.accepted", run.runbook(), OK, details));
        runs.put(run.runId(), run);
    }

    @Override
    public void verbFinished(String runId, int stepIndex, VerbResult result) {
        RunOutcome run = runs.get(runId);
        if (run != null && !run.dryRun()) {
            late.addAll(events(run, result));
        }
    }

    @Override
    public void runFinished(RunOutcome run) {
        runs.remove(run.runId());
        Map<String, Object> details = details(run);
        details.put("durationMs", run.duration().toMillis());
        RunError error = run.error();
        if (error != null) {
            details.put("error", error.message());
        }
        Requester by = by(run);
        late.add(new AuditEvent(
                by.name(), by.from(), "run.finished", run.runbook(), run.state().wireName(), details));
    }

    /** What of a result goes on record by itself. */
    private static List<AuditEvent> events(RunOutcome run, VerbResult result) {
        Map<String, Object> fields = result.fields();
        return switch (result.verb()) {
            case "remediateLag" -> remedies(run, fields);
            case "auditLog" -> collected(run, fields);
            case "restore" ->
                List.of(event(
                        run, "restore.done", fields, OK, "backup", "target", "into", "to", "bytes", "rowsWritten"));
            case "pitrDrill" -> {
                String passed = Boolean.TRUE.equals(fields.get("passed")) ? "passed" : "failed";
                yield List.of(event(
                        run,
                        "drill.done",
                        fields,
                        passed,
                        "drill",
                        "backup",
                        "target",
                        "rpoSeconds",
                        "rtoSeconds",
                        "failure"));
            }
            case "switchover" ->
                List.of(event(
                        run,
                        "switchover.done",
                        fields,
                        String.valueOf(fields.get("state")),
                        "from",
                        "to",
                        "downtimeMs"));
            case "dropLeakedSlots" ->
                fields.get("dropped") instanceof List<?> dropped && !dropped.isEmpty()
                        ? List.of(event(run, "slots.dropped", fields, OK, "dropped", "bytes"))
                        : List.of();
            default -> List.of();
        };
    }

    /** What pgaudit wrote about rights and definitions goes on record, too: the server's log does not stay for ever. */
    private static List<AuditEvent> collected(RunOutcome run, Map<String, Object> fields) {
        List<?> rows = fields.get("evidence") instanceof List<?> list ? list : List.of();
        List<Map<?, ?>> kept = rows.stream()
                .flatMap(row -> row instanceof Map<?, ?> map ? Stream.<Map<?, ?>>of(map) : Stream.empty())
                .filter(row -> "ROLE".equals(row.get("class")) || "DDL".equals(row.get("class")))
                .toList();
        if (kept.isEmpty()) {
            return List.of();
        }
        Map<String, Object> collected = new HashMap<>(fields);
        collected.put("statements", kept);
        return List.of(event(run, "pgaudit.collected", collected, OK, "summary", "statements"));
    }

    private static List<AuditEvent> remedies(RunOutcome run, Map<String, Object> fields) {
        if (!(fields.get("timeline") instanceof List<?> timeline)) {
            return List.of();
        }
        return timeline.stream()
                .flatMap(line -> line instanceof Map<?, ?> map ? Stream.<Map<?, ?>>of(map) : Stream.empty())
                .flatMap(line -> switch (String.valueOf(line.get("kind"))) {
                    case "action" -> Stream.of(remedy(run, "remedy.applied", fields, line));
                    case "revert" -> Stream.of(remedy(run, "remedy.reverted", fields, line));
                    default -> Stream.<AuditEvent>empty();
                })
                .toList();
    }

    private static AuditEvent remedy(RunOutcome run, String action, Map<String, Object> result, Map<?, ?> line) {
        Map<String, Object> fields = new HashMap<>();
        fields.put("database", String.valueOf(result.get("database")));
        for (String name : List.of("at", "replica", "text")) {
            fields.put(name, String.valueOf(line.get(name)));
        }
        return event(run, action, fields, OK, "at", "replica", "text");
    }

    private static AuditEvent event(
            RunOutcome run, String action, Map<String, Object> fields, String result, String... kept) {
        Map<String, Object> details = details(run);
        for (String name : kept) {
            Object value = fields.get(name);
            if (value != null) {
                details.put(name, value);
            }
        }
        Object subject = fields.getOrDefault("database", fields.getOrDefault("to", ""));
        Requester by = by(run);
        return new AuditEvent(by.name(), by.from(), action, String.valueOf(subject), result, details);
    }

    private static Map<String, Object> details(RunOutcome run) {
        Map<String, Object> details = new HashMap<>();
        details.put("runId", run.runId());
        details.put("runbook", run.runbook());
        if (run.dryRun()) {
            details.put("dryRun", true);
        }
        return details;
    }

    private static Requester by(RunOutcome run) {
        Requester by = run.by();
        return by == null ? Requester.of(run.trigger()) : by;
    }

    /** Records what still waits, as far as that is possible. */
    @Override
    public void close() {
        late.close();
    }
}
