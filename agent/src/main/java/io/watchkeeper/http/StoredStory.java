package io.watchkeeper.http;

import io.watchkeeper.engine.LogLine;
import io.watchkeeper.runbook.RunDocument;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.StepOutcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A run told from the store, in the events it would have sent: one that ended before anybody here listened, or one of another process.
 * Ids say how much was told, {@code s<lines>.<steps>} and {@code .end} behind it with the end, since lines and steps come into the
 * store in no order of their own.
 */
final class StoredStory {

    private static final Pattern ID = Pattern.compile("s(\\d{1,9})\\.(\\d{1,9})(\\.end)?");

    private StoredStory() {}

    /**
     * What a client does not know yet.
     *
     * @param lastSeen the id of the last event it has seen; with one of another form, such as those of a run that was followed live, it is
     *     told everything
     */
    static EventQueue of(RunOutcome run, List<LogLine> log, String lastSeen) {
        EventQueue queue = new EventQueue(Integer.MAX_VALUE);
        Matcher seen = ID.matcher(lastSeen);
        boolean whole = !seen.matches();
        int lines = whole ? 0 : Integer.parseInt(seen.group(1));
        int steps = whole ? 0 : Integer.parseInt(seen.group(2));
        if (whole) {
            queue.offer(new LiveEvent(id(lines, steps), "runStarted", RunDocument.summary(run)));
        }
        while (lines < log.size()) {
            LogLine line = log.get(lines++);
            queue.offer(new LiveEvent(id(lines, steps), "log", LiveEvents.logDocument(line)));
        }
        List<StepOutcome> ended =
                run.steps().stream().filter(step -> step.state().isFinal()).toList();
        while (steps < ended.size()) {
            StepOutcome step = ended.get(steps++);
            queue.offer(new LiveEvent(id(lines, steps), "stepFinished", document(run, step)));
        }
        if (run.state().isFinal() && (whole || seen.group(3) == null)) {
            queue.offer(new LiveEvent(id(lines, steps) + ".end", "runFinished", RunDocument.of(run)));
        }
        queue.complete();
        return queue;
    }

    private static String id(int lines, int steps) {
        return "s" + lines + "." + steps;
    }

    private static Map<String, Object> document(RunOutcome run, StepOutcome step) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("runId", run.runId());
        data.put("step", step.index());
        data.putAll(RunDocument.step(step));
        return data;
    }
}
