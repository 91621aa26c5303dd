package io.watchkeeper;

import io.watchkeeper.engine.RunHandle;
import io.watchkeeper.engine.RunRequest;
import io.watchkeeper.engine.RunbookRunner;
import io.watchkeeper.history.RunHistory;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.runbook.Schedule;
import io.watchkeeper.schedule.Upcoming;
import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs that an upgrade or a reload had to cancel because they did not end in time: the next agent starts them again. That such
 * a stop has begun is written down before the first run is cancelled; which runs it cost, the history knows.
 */
final class CutOffRuns {

    private static final Logger LOG = LoggerFactory.getLogger(CutOffRuns.class);

    private static final String FILE = "stopped-for-a-moment";

    /** What was cut off longer ago is not what anybody waits for now; its schedule looks after it. */
    private static final Duration A_MOMENT = Duration.ofHours(1);

    private static final int MOST_RUNS = 500;

    private final Path file;

    CutOffRuns(Path state) {
        this.file = state.resolve(FILE);
    }

    /** Runs that are cancelled from now on are so only for a moment; a later call takes an earlier one's place. Where this cannot be written they are cancelled as always. */
    void expect(Instant now) {
        try {
            Files.writeString(file, now + "\n");
        } catch (IOException e) {
            LOG.warn("{} cannot be written: runs that are cut off now are not started again", file, e);
        }
    }

    /** The runs that are cancelled are not started again after all. */
    void forget() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("{} cannot be deleted: runs that were cut off are started again", file, e);
        }
    }

    /**
     * Starts what was cut off, oldest first, with the same parameters and for the same requester. Nothing that was run on a command
     * line or as a dry run, nothing of a paused runbook, nothing that its schedule had begun and that would begin in a blackout window now, and
     * nothing of a cluster, which gives what was cut off to the next agent itself.
     *
     * <p>The note goes first: if the process dies here, runs stay cancelled and their schedules bring them back. The other way
     * around, a run that kills the agent would be started again for ever.
     */
    void startAgain(RunHistory history, RunbookRegistry registry, Function<RunRequest, RunHandle> runs, Instant now) {
        Optional<Instant> since = take();
        if (since.isEmpty()) {
            return;
        }
        if (since.get().plus(A_MOMENT).isBefore(now)) {
            LOG.info("the agent was stopped for longer than a moment, at {}: no run is started again", since.get());
            return;
        }
        Set<String> paused = history.paused();
        List<RunOutcome> cancelled =
                history.list(new RunHistory.Query(null, RunState.CANCELLED, MOST_RUNS, null)).stream()
                        .filter(run -> isCutOff(run, since.get()))
                        .sorted(Comparator.comparing(RunOutcome::runId))
                        .toList();
        for (RunOutcome run : cancelled) {
            registry.find(run.runbook())
                    .filter(runbook -> !runbook.isClusterWide() && !paused.contains(runbook.name()))
                    .filter(runbook -> mayBegin(run, runbook, now))
                    .ifPresentOrElse(
                            runbook -> start(run, runbook, runs),
                            () -> LOG.warn(
                                    "run {} of '{}' was cut off and is left to itself", run.runId(), run.runbook()));
        }
    }

    private Optional<Instant> take() {
        try {
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            String text = Files.readString(file).strip();
            Files.delete(file);
            return Optional.of(Instant.parse(text));
        } catch (IOException | DateTimeParseException e) {
            LOG.warn("{} cannot be used: no run is started again", file, e);
            return Optional.empty();
        }
    }

    private static boolean isCutOff(RunOutcome run, Instant since) {
        RunError error = run.error();
        return error != null
                && error.message().contains(RunbookRunner.STOPPING)
                && run.trigger() != RunTrigger.CLI
                && !run.dryRun()
                && !run.startedAt().plus(run.duration()).plusSeconds(1).isBefore(since)
                // What the store may not keep cannot be given again.
                && run.params().values().stream().noneMatch(value -> value.contains(Secret.REDACTED));
    }

    /** A window forbids what the schedule begins, also a second time; whoever asks for a run by name is not bound by it. */
    private static boolean mayBegin(RunOutcome run, Runbook runbook, Instant now) {
        Schedule schedule = runbook.schedule();
        if (schedule == null || (run.trigger() != RunTrigger.SCHEDULE && run.trigger() != RunTrigger.CATCH_UP)) {
            return true;
        }
        Optional<String> window = Upcoming.blackoutAt(now, schedule);
        window.ifPresent(words -> LOG.info("no run of '{}' starts from {}", runbook.name(), words));
        return window.isEmpty();
    }

    private static void start(RunOutcome cutOff, Runbook runbook, Function<RunRequest, RunHandle> runs) {
        RunRequest request = cutOff.by() == null
                ? new RunRequest(runbook, RunTrigger.CATCH_UP, cutOff.params(), false)
                : new RunRequest(runbook, RunTrigger.CATCH_UP, cutOff.params(), false, cutOff.by());
        try {
            RunHandle handle = runs.apply(request);
            LOG.info(
                    "run {} of '{}' was cut off by the stop; {} does it again",
                    cutOff.runId(),
                    runbook.name(),
                    handle.runId());
        } catch (OperatorException e) {
            LOG.warn("run {} of '{}' was cut off and cannot be done again", cutOff.runId(), runbook.name(), e);
        }
    }
}
