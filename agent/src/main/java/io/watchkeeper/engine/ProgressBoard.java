package io.watchkeeper.engine;

import io.watchkeeper.postgres.Progress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a run is working on right now: a line for each subject, in the order in which they began, with rates and remaining times.
 * The one place where these are worked out. A subject leaves when it is finished. Safe to use from several threads.
 */
public final class ProgressBoard {

    private final Map<String, Stage> subjects = new LinkedHashMap<>();

    /** A subject's newest stage. */
    private static final class Stage {
        private final String name;
        private final long beganAt;
        private final Speed speed;
        private Progress newest;

        Stage(Progress first, long nanoTime) {
            this.name = first.stage();
            this.beganAt = nanoTime;
            this.speed = new Speed(nanoTime, first.rows(), first.bytes());
            this.newest = first;
        }

        /** What stands behind a colon, such as for how many it waits, may change in one stage. */
        boolean isSame(String stage) {
            return name.split(":", 2)[0].equals(stage.split(":", 2)[0]);
        }

        ProgressLine line(long nanoTime) {
            return ProgressLine.of(newest, speed, nanoTime, nanoTime - beganAt);
        }
    }

    /**
     * Takes in what a subject says.
     *
     * @param nanoTime of {@link System#nanoTime}
     * @return the subject's line; empty when it is finished
     */
    public synchronized Optional<ProgressLine> take(Progress now, long nanoTime) {
        if (now.isFinished()) {
            subjects.remove(now.subject());
            return Optional.empty();
        }
        Stage stage = subjects.get(now.subject());
        // Fewer rows than before: the work was undone and began anew.
        if (stage == null || !stage.isSame(now.stage()) || now.rows() < stage.newest.rows()) {
            stage = new Stage(now, nanoTime);
            subjects.put(now.subject(), stage);
        }
        stage.newest = now;
        stage.speed.add(nanoTime, now.rows(), now.bytes());
        return Optional.of(stage.line(nanoTime));
    }

    /** Every subject as it stands at this moment: one that stands still slows down here without saying anything. */
    public synchronized List<ProgressLine> lines(long nanoTime) {
        List<ProgressLine> lines = new ArrayList<>();
        subjects.values().forEach(stage -> lines.add(stage.line(nanoTime)));
        return lines;
    }

    /** Forgets everything: the step has ended. */
    public synchronized void clear() {
        subjects.clear();
    }
}
