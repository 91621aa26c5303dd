package io.watchkeeper.engine;

import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.units.DurationText;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does something for a run, again and again as its retry policy says. */
final class Attempts {

    private static final Logger LOG = LoggerFactory.getLogger(Attempts.class);

    /** What is tried. */
    @FunctionalInterface
    interface Attempt {
        void run() throws Exception;
    }

    private final ActiveRun run;
    private final RetryPolicy retry;

    Attempts(ActiveRun run) {
        this.run = run;
        this.retry = new RetryPolicy(run.runbook().policy(), run.dryRun());
    }

    /**
     * @param what in the words of the log, for example {@code step 'merge'}
     * @throws Exception the failure of the last attempt
     * @throws WorkCancelledException when the run was told to stop, also if the attempt took no notice of that
     */
    void run(String what, Attempt attempt) throws Exception {
        for (int attempts = 1; ; attempts++) {
            run.doing("in " + what);
            try {
                attempt.run();
                run.signal().throwIfStopped();
                return;
            } catch (Exception e) {
                noticeEndOfTime();
                run.signal().throwIfStopped(e);
                if (!retry.triesAgain(attempts, e)) {
                    throw e;
                }
                pause(what, attempts, e);
            }
        }
    }

    /** A connection or statement may give up for lack of time a moment before the run's own timer strikes. */
    private void noticeEndOfTime() {
        if (run.timeLeft().isZero() || run.timeLeft().isNegative()) {
            run.stopBecauseOfTime();
        }
    }

    private void pause(String what, int attempts, Exception failure) {
        String reason = new RunErrors(run.runbook().location(), run.dryRun())
                .of(failure, null)
                .message();
        Duration pause = retry.pause(attempts);
        LOG.info("{} failed and is tried again: {}", what, Redaction.stack(failure));
        run.log(
                LogLine.Level.WARN,
                what + " failed (attempt " + attempts + " of " + retry.attempts() + "), next attempt in "
                        + DurationText.say(pause) + ": " + reason);
        run.doing("before attempt " + (attempts + 1) + " of " + what + ", after: " + reason);
        run.signal().pause(pause);
    }
}
