package io.watchkeeper.http;

import io.watchkeeper.engine.LogLine;
import io.watchkeeper.engine.RunListener;
import io.watchkeeper.http.page.RateSample;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.runbook.RunDocument;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.runbook.StepOutcome;
import io.watchkeeper.runbook.VerbResult;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What happens right now, kept in memory for the page and for event streams. The engine tells it in the runs' own threads and
 * is never made to wait.
 */
public final class LiveEvents implements RunListener {

    /** Ended runs kept a little, for a client that asks for the events of a run that has just ended. */
    private static final int ENDED_KEPT = 16;

    private static final int MOST_WAITING = 500;

    private final Map<String, LiveRun> runs = new ConcurrentHashMap<>();
    private final Deque<String> ended = new ArrayDeque<>();
    private final CopyOnWriteArrayList<EventQueue> watchers = new CopyOnWriteArrayList<>();
    private final AtomicLong nextId = new AtomicLong(1);

    public LiveEvents(RunbookRegistry registry) {
        ChangedRunbooks changes = new ChangedRunbooks();
        registry.onSwap((before, now) -> announce(
                "runbooks",
                Map.of(
                        "runbooks", now.runbooks().size(),
                        "problems", now.problems().size(),
                        "changed", changes.between(before, now))));
    }

    /** A runbook was paused or resumed. */
    void pausedChanged(String runbook, boolean paused) {
        announce("paused", Map.of("runbook", runbook, "paused", paused));
    }

    /** Everything about all runs from now on, without their logs. */
    EventQueue watch() {
        EventQueue queue = new EventQueue(MOST_WAITING);
        watchers.add(queue);
        return queue;
    }

    Optional<LiveRun> find(String runId) {
        return Optional.ofNullable(runs.get(runId));
    }

    /** What a running run is working on at this moment, one object per subject. */
    List<Map<String, Object>> progress(String runId) {
        return find(runId).map(live -> live.progress(System.nanoTime())).orElse(List.of());
    }

    /** How fast a run has moved rows, oldest first; kept a little after it has ended. */
    List<RateSample> rates(String runId) {
        return find(runId).map(LiveRun::rates).orElse(List.of());
    }

    /** Ends every stream: the agent stops. */
    void closeAll() {
        watchers.forEach(EventQueue::close);
        watchers.clear();
    }

    @Override
    public void runAccepted(RunOutcome run) {
        LiveRun live = runs.computeIfAbsent(run.runId(), LiveRun::new);
        live.tell("runAccepted", RunDocument.summary(run));
        announce("runAccepted", RunDocument.summary(run));
    }

    @Override
    public void runStarted(RunOutcome run) {
        find(run.runId()).ifPresent(live -> live.tell("runStarted", RunDocument.summary(run)));
        announce("runStarted", RunDocument.summary(run));
    }

    @Override
    public void stepStarted(String runId, int stepIndex, String stepName) {
        Map<String, Object> data = step(runId, stepIndex);
        data.put("name", stepName);
        find(runId).ifPresent(live -> live.tell("stepStarted", data));
        announce("stepStarted", data);
    }

    @Override
    public void verbFinished(String runId, int stepIndex, VerbResult result) {
        Map<String, Object> data = step(runId, stepIndex);
        data.put("result", RunDocument.result(result));
        find(runId).ifPresent(live -> live.tell("verbFinished", data));
    }

    @Override
    public void progressed(String runId, int stepIndex, Progress progress) {
        find(runId)
                .flatMap(live -> live.progressed(stepIndex, progress, System.nanoTime()))
                .ifPresent(data -> announce("progress", data));
    }

    @Override
    public void logged(String runId, LogLine line) {
        find(runId).ifPresent(live -> live.log(line, logDocument(line)));
    }

    @Override
    public void stepFinished(String runId, StepOutcome step) {
        Map<String, Object> data = step(runId, step.index());
        data.putAll(RunDocument.step(step));
        find(runId).ifPresent(live -> {
            live.forgetProgress();
            live.tell("stepFinished", data);
        });
        announce("stepFinished", step(runId, step.index()));
    }

    @Override
    public void runFinished(RunOutcome run) {
        find(run.runId()).ifPresent(live -> live.finish(RunDocument.of(run)));
        forgetOldest(run.runId());
        announce("runFinished", RunDocument.summary(run));
    }

    /** A line of a run's log as it stands in documents and events. */
    static Map<String, Object> logDocument(LogLine line) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("at", line.at().toString());
        data.put("level", line.level().name().toLowerCase(Locale.ROOT));
        data.put("message", line.message());
        return data;
    }

    private static Map<String, Object> step(String runId, int stepIndex) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("runId", runId);
        data.put("step", stepIndex);
        return data;
    }

    private void forgetOldest(String justEnded) {
        synchronized (ended) {
            ended.add(justEnded);
            while (ended.size() > ENDED_KEPT) {
                runs.remove(ended.poll());
            }
        }
    }

    private void announce(String name, Map<String, Object> data) {
        if (watchers.isEmpty()) {
            return;
        }
        LiveEvent event = new LiveEvent(nextId.getAndIncrement(), name, data);
        watchers.removeIf(EventQueue::isClosed);
        watchers.forEach(watcher -> watcher.offer(event));
    }
}
