package io.watchkeeper.http;

import io.watchkeeper.engine.LogLine;
import io.watchkeeper.postgres.Progress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The story of one run so far, for those who come in the middle of it, and the clients who follow it. */
final class LiveRun {

    /** Beyond this the oldest events of a chatty run are forgotten here; the store has its whole log. */
    static final int MOST_EVENTS = 2_000;

    private static final long NANOS_BETWEEN_PROGRESS = 250_000_000L;

    private final String runId;
    private final Deque<LiveEvent> story = new ArrayDeque<>();
    private final Map<String, LiveEvent> progress = new LinkedHashMap<>();
    private final Map<String, Pace> paces = new LinkedHashMap<>();
    private final Deque<LogLine> log = new ArrayDeque<>();
    private final List<EventQueue> followers = new ArrayList<>();
    private long nextId = 1;
    private long linesForgotten;
    private boolean finished;

    LiveRun(String runId) {
        this.runId = runId;
    }

    synchronized void tell(String name, Map<String, Object> data) {
        LiveEvent event = new LiveEvent(nextId++, name, data);
        if (story.size() >= MOST_EVENTS) {
            story.poll();
        }
        story.add(event);
        publish(event);
    }

    synchronized void log(LogLine line, Map<String, Object> data) {
        if (log.size() >= MOST_EVENTS) {
            log.poll();
            linesForgotten++;
        }
        log.add(line);
        tell("log", data);
    }

    /** Tells the newest figures, at most four times a second for each subject. Empty when this one is not passed on. */
    synchronized Optional<Map<String, Object>> progressed(int stepIndex, Progress now, long nanoTime) {
        Pace pace = paces.computeIfAbsent(now.subject() + "\n" + now.stage(), key -> new Pace(nanoTime, now.rows()));
        boolean complete = now.totalRows() >= 0 && now.rows() >= now.totalRows();
        boolean last = complete && !pace.complete;
        pace.complete = complete;
        if (pace.told && !last && nanoTime - pace.toldAt < NANOS_BETWEEN_PROGRESS) {
            return Optional.empty();
        }
        pace.told = true;
        pace.toldAt = nanoTime;
        Map<String, Object> data = pace.describe(runId, stepIndex, now, nanoTime);
        LiveEvent event = new LiveEvent(nextId++, "progress", data);
        progress.put(now.subject(), event);
        publish(event);
        return Optional.of(data);
    }

    /** Figures of a step that has ended say nothing any more. */
    synchronized void forgetProgress() {
        progress.clear();
        paces.clear();
    }

    synchronized void finish(Map<String, Object> document) {
        forgetProgress();
        tell("runFinished", document);
        finished = true;
        followers.forEach(EventQueue::complete);
        followers.clear();
    }

    synchronized boolean isFinished() {
        return finished;
    }

    /** Everything after the event with the given id, then what happens from now on. */
    synchronized EventQueue follow(long afterId) {
        // Progress is left out of the story, so its bound can be passed by nobody who merely came late.
        EventQueue queue = new EventQueue(2 * MOST_EVENTS);
        story.stream().filter(e -> e.id() > afterId).forEach(queue::offer);
        progress.values().stream().filter(e -> e.id() > afterId).forEach(queue::offer);
        if (finished) {
            queue.complete();
        } else {
            followers.add(queue);
        }
        return queue;
    }

    synchronized List<Map<String, Object>> progress() {
        return progress.values().stream().map(LiveEvent::data).toList();
    }

    /** The newest lines. */
    synchronized List<LogLine> log() {
        return List.copyOf(log);
    }

    /** Whether {@link #log} has lost its beginning. */
    synchronized boolean isLogCut() {
        return linesForgotten > 0;
    }

    private void publish(LiveEvent event) {
        followers.removeIf(EventQueue::isClosed);
        followers.forEach(follower -> follower.offer(event));
    }

    /** How fast one stage of one subject goes, over all of its time: a moving window would make the ETA jump. */
    private static final class Pace {
        private final long startedAt;
        private final long startRows;
        private boolean told;
        private long toldAt;
        private boolean complete;

        Pace(long startedAt, long startRows) {
            this.startedAt = startedAt;
            this.startRows = startRows;
        }

        Map<String, Object> describe(String runId, int stepIndex, Progress now, long nanoTime) {
            Map<String, Object> data = new LinkedHashMap<>();
            data.put("runId", runId);
            data.put("step", stepIndex);
            data.put("subject", now.subject());
            data.put("stage", now.stage());
            data.put("rows", now.rows());
            data.put("bytes", now.bytes());
            if (now.totalRows() > 0) {
                data.put("totalRows", now.totalRows());
                data.put("percent", Math.min(100, 100 * now.rows() / now.totalRows()));
            }
            double seconds = (nanoTime - startedAt) / 1e9;
            double rate = seconds < 0.5 ? 0 : (now.rows() - startRows) / seconds;
            if (rate >= 1) {
                data.put("rowsPerSecond", Math.round(rate));
                if (now.totalRows() > now.rows()) {
                    data.put("etaSeconds", Math.round((now.totalRows() - now.rows()) / rate));
                }
            }
            return data;
        }
    }
}
