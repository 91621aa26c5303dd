package io.watchkeeper.engine;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.StepBody;
import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls onFailure and onRecovery after a run. */
final class RunHooks {

    private static final Logger LOG = LoggerFactory.getLogger(RunHooks.class);

    /** A hook has time of its own: the run it follows may have ended because it had none left. */
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final DatabasePools databases;
    private final PastRuns past;
    private final ScheduledExecutorService timer;

    RunHooks(DatabasePools databases, PastRuns past, ScheduledExecutorService timer) {
        this.databases = databases;
        this.past = past;
        this.timer = timer;
    }

    void after(ActiveRun run, RunEnd end) {
        if (run.dryRun()) {
            return;
        }
        Runbook runbook = run.runbook();
        if (isFailure(end.state()) && runbook.onFailure() != null) {
            call(run, end, "onFailure", runbook.onFailure());
        } else if (end.state() == RunState.SUCCEEDED && runbook.onRecovery() != null && failedBefore(run)) {
            call(run, end, "onRecovery", runbook.onRecovery());
        }
    }

    private boolean failedBefore(ActiveRun run) {
        try {
            return past.lastVerdict(run.runbook().name())
                    .filter(RunHooks::isFailure)
                    .isPresent();
        } catch (RuntimeException e) {
            LOG.warn(
                    "cannot find out how the last run of '{}' ended",
                    run.runbook().name(),
                    e);
            run.log(LogLine.Level.WARN, "onRecovery was not asked: how the last run ended cannot be found out");
            return false;
        }
    }

    private static boolean isFailure(RunState state) {
        return state == RunState.FAILED || state == RunState.TIMED_OUT;
    }

    private void call(ActiveRun run, RunEnd end, String name, StepBody body) {
        StopSignal signal = new StopSignal(run.id() + " " + name);
        StopReason late = StopReason.timedOut(name + " did not end within " + DurationText.say(LIMIT), null);
        try {
            ScheduledFuture<?> limit = timer.schedule(() -> signal.stop(late), LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            try {
                run.hookBegins(signal);
                new StepRunner(run, databases).runHook(name, body, signal, LIMIT, end.error());
            } finally {
                limit.cancel(false);
            }
        } catch (RejectedExecutionException e) {
            LOG.warn("{} of run {} was left out: the agent has stopped", name, run.id(), e);
        }
    }
}
