package io.watchkeeper.engine;

import io.watchkeeper.files.LockFile;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.Runbook;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Lets one run of a runbook through at a time, over all processes of the host, as the runbook's overlap policy says. */
final class OverlapGate {

    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

    private final StateFolder folder;
    private final LockQueue queue;
    private final BiConsumer<String, String> cancel;

    /** @param cancel asks a run (its id, the reason) to stop, in whatever process it is */
    OverlapGate(StateFolder folder, LockQueue queue, BiConsumer<String, String> cancel) {
        this.folder = folder;
        this.queue = queue;
        this.cancel = cancel;
    }

    /**
     * @return the lock that keeps others out until it is closed
     * @throws RunSkippedException when another run of the runbook is going on and the policy is to skip
     */
    LockFile enter(ActiveRun run) {
        Runbook runbook = run.runbook();
        Path file = folder.runbooks().resolve(RunLocks.fileName(runbook.name()));
        if (runbook.policy().overlap() == Policy.Overlap.SKIP) {
            return enterOrSkip(run, file);
        }
        boolean replace = runbook.policy().overlap() == Policy.Overlap.REPLACE;
        run.doing("waiting for an earlier run of the same runbook");
        return queue.await(file, run, holder -> {
            run.doing("waiting for " + holder + " to end");
            if (replace) {
                run.log(LogLine.Level.INFO, "replaces " + holder);
                replace(run, file, holder);
            } else {
                run.log(LogLine.Level.INFO, "waits for " + holder + " to end");
            }
        });
    }

    private void replace(ActiveRun run, Path file, LockHolder holder) {
        String reason = "replaced by run " + run.id();
        cancel.accept(holder.runId(), reason);
        for (ActiveRun older : queue.ahead(file, run)) {
            cancel.accept(older.id(), reason);
        }
    }

    private LockFile enterOrSkip(ActiveRun run, Path file) {
        while (true) {
            run.signal().throwIfStopped();
            Optional<LockFile> lock = queue.tryTakeAtOnce(file, run);
            if (lock.isPresent()) {
                return lock.get();
            }
            Optional<LockHolder> holder = LockQueue.holder(file);
            if (holder.isPresent()
                    && RunLiveness.isAlive(folder.root(), holder.get().runId())) {
                throw new RunSkippedException(
                        "'" + run.runbook().name() + "' " + RunbookRunner.ALREADY_RUNNING + ": " + holder.get(),
                        "to wait instead, write 'overlap queue' into its policy; to stop the other: watchkeeper cancel "
                                + holder.get().runId());
            }
            // The holder is about to write its name, or has just gone.
            run.signal().pause(LOOK_AGAIN);
        }
    }
}
