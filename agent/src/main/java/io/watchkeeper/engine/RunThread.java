package io.watchkeeper.engine;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.runbook.Guard;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.units.DurationText;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** What the thread of one run does, from waiting for its turn to its last event. */
final class RunThread implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(RunThread.class);

    private final ActiveRun run;
    private final StateFolder folder;
    private final LockQueue queue;
    private final OverlapGate gate;
    private final DatabasePools databases;
    private final RunHooks hooks;
    private final Consumer<ActiveRun> whenEnded;

    /** @param whenEnded called after the last event, when nothing of the run is left but its outcome */
    RunThread(
            ActiveRun run,
            StateFolder folder,
            LockQueue queue,
            OverlapGate gate,
            DatabasePools databases,
            RunHooks hooks,
            Consumer<ActiveRun> whenEnded) {
        this.run = run;
        this.folder = folder;
        this.queue = queue;
        this.gate = gate;
        this.databases = databases;
        this.hooks = hooks;
        this.whenEnded = whenEnded;
    }

    @Override
    public void run() {
        MDC.put("run", run.id());
        MDC.put("runbook", run.runbook().name());
        RunEnd end = new RunEnd(RunState.FAILED, null);
        RunLocks locks = new RunLocks();
        try {
            end = work(locks);
            sayEnd(end);
            hooks.after(run, end);
        } finally {
            finish(end, locks);
            MDC.clear();
        }
    }

    /** Recorded first, released then: whoever comes next finds the end of this run in the store. */
    private void finish(RunEnd end, RunLocks locks) {
        try {
            run.finished(end.state(), end.error());
        } finally {
            locks.close();
            whenEnded.accept(run);
            run.outcome().complete(run.snapshot());
        }
    }

    private RunEnd work(RunLocks locks) {
        run.signal().begin();
        try {
            if (!run.dryRun()) {
                locks.add(gate.enter(run));
                locks.takeNamed(run, folder, queue);
            }
            checkGuards();
            run.signal().throwIfStopped();
            run.started();
            return new StepRunner(run, databases).runSteps();
        } catch (Exception | Error e) {
            RunEnd end = RunEnd.of(e, run, run.signal(), run.runbook().location());
            if (end.state() == RunState.FAILED) {
                LOG.info("failed before the first step: {}", Redaction.stack(e));
            }
            return end;
        } finally {
            run.signal().end();
        }
    }

    private void checkGuards() throws Exception {
        GuardCheck check = new GuardCheck(databases);
        Work work = new RunWork(
                RunWork.applicationName(run.runbook().name(), run.id()),
                run.deadline(),
                run::timeLeft,
                run.signal(),
                true,
                progress -> {},
                run.giveWay(run.signal()),
                run::sharedRate);
        for (Guard guard : run.runbook().guards()) {
            try {
                new Attempts(run).run("guard " + name(guard), () -> checkGuard(check, guard, work));
            } catch (Exception e) {
                // A dry run shows what stands in the way; it goes on, because it does nothing anyway.
                if (!run.dryRun() || run.signal().reason().isPresent()) {
                    throw e;
                }
                run.log(
                        LogLine.Level.WARN,
                        new RunErrors(run.runbook().location(), true)
                                .of(e, null)
                                .message());
            }
        }
    }

    private static String name(Guard guard) {
        return guard instanceof Guard.MaxReplicationLag ? "maxReplicationLag" : "minFreeDisk";
    }

    private void checkGuard(GuardCheck check, Guard guard, Work work) throws Exception {
        GuardCheck.Reading reading = check.read(guard, work);
        if (reading.holds()) {
            run.log(LogLine.Level.INFO, "guard " + reading.text() + " ok");
            return;
        }
        run.log(LogLine.Level.WARN, "guard " + reading.text() + " not fulfilled");
        if (!run.dryRun()) {
            throw new RunSkippedException("guard not fulfilled: " + reading.text(), null);
        }
    }

    /** For the process's log. The run's own document says it without. */
    private void sayEnd(RunEnd end) {
        String time = DurationText.say(run.snapshot().duration());
        if (end.error() == null) {
            run.tellProcess(LogLine.Level.INFO, "succeeded in " + time);
            return;
        }
        String message = end.error().message();
        switch (end.state()) {
            case SKIPPED -> run.tellProcess(LogLine.Level.INFO, "skipped: " + message);
            case FAILED -> run.tellProcess(LogLine.Level.ERROR, "failed after " + time + ": " + message);
            default -> run.tellProcess(LogLine.Level.WARN, message);
        }
    }
}
