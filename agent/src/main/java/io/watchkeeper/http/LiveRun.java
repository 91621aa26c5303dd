package io.watchkeeper.http;

import io.watchkeeper.engine.LogLine;
import io.watchkeeper.engine.ProgressBoard;
import io.watchkeeper.engine.ProgressLine;
import io.watchkeeper.http.page.RateSample;
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
    private final ProgressBoard board = new ProgressBoard();
    private final RateTrack rates = new RateTrack();
    private final Map<String, Told> told = new LinkedHashMap<>();
    private final Deque<LogLine> log = new ArrayDeque<>();
    private final List<EventQueue> followers = new ArrayList<>();
    private long nextId = 1;
    private long linesForgotten;
    private boolean finished;

    /** What the followers know of a subject that is being worked on. */
    private record Told(String stage, long at, boolean complete, int stepIndex, LiveEvent event) {}

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

    /** Tells the newest figures, at most four times a second for each subject. Empty when these are not passed on. */
    synchronized Optional<Map<String, Object>> progressed(int stepIndex, Progress now, long nanoTime) {
        Optional<ProgressLine> line = board.take(now, nanoTime);
        if (line.isEmpty()) {
            rates.ended(now.subject(), nanoTime);
            return subjectFinished(stepIndex, now.subject());
        }
        rates.note(now.subject(), line.get().fields(), nanoTime);
        Told before = told.get(now.subject());
        boolean complete = now.totalRows() >= 0 && now.rows() >= now.totalRows();
        boolean first = before == null || !before.stage.equals(now.stage());
        boolean last = complete && (before == null || first || !before.complete);
        if (before != null && !first && !last && nanoTime - before.at < NANOS_BETWEEN_PROGRESS) {
            return Optional.empty();
        }
        Map<String, Object> data = about(stepIndex);
        data.putAll(line.get().fields());
        LiveEvent event = new LiveEvent(nextId++, "progress", data);
        told.put(now.subject(), new Told(now.stage(), nanoTime, complete, stepIndex, event));
        publish(event);
        return Optional.of(data);
    }

    private Optional<Map<String, Object>> subjectFinished(int stepIndex, String subject) {
        if (told.remove(subject) == null) {
            return Optional.empty();
        }
        Map<String, Object> data = about(stepIndex);
        data.put("subject", subject);
        data.put("finished", true);
        publish(new LiveEvent(nextId++, "progress", data));
        return Optional.of(data);
    }

    private Map<String, Object> about(int stepIndex) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("runId", runId);
        data.put("step", stepIndex);
        return data;
    }

    /** Figures of a step that has ended say nothing any more. */
    synchronized void forgetProgress() {
        told.clear();
        board.clear();
        rates.idle();
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
        story.stream().filter(e -> e.number() > afterId).forEach(queue::offer);
        told.values().stream()
                .map(Told::event)
                .filter(e -> e.number() > afterId)
                .forEach(queue::offer);
        if (finished) {
            queue.complete();
        } else {
            followers.add(queue);
        }
        return queue;
    }

    /** What is being worked on at this moment, one object per subject. */
    synchronized List<Map<String, Object>> progress(long nanoTime) {
        List<Map<String, Object>> lines = new ArrayList<>();
        for (ProgressLine line : board.lines(nanoTime)) {
            Told known = told.get(line.progress().subject());
            Map<String, Object> data = about(known == null ? 0 : known.stepIndex);
            data.putAll(line.fields());
            lines.add(data);
        }
        return lines;
    }

    /** How fast it has moved rows, oldest first. */
    synchronized List<RateSample> rates() {
        return rates.samples();
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
}
