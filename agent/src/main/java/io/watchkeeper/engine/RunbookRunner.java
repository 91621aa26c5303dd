package io.watchkeeper.engine;

import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.units.Secret;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one way in for every run, whoever asks for it. */
public final class RunbookRunner implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RunbookRunner.class);

    /** Who cancelled a run that did not end in the time its agent had for stopping. */
    public static final String STOPPING = "the agent is stopping";

    /** What is said of a run that was skipped because another run of its runbook went on. */
    public static final String ALREADY_RUNNING = "is already running";

    private static final Duration LOOK_FOR_CANCEL_REQUESTS = Duration.ofMillis(250);

    /** How long a cancelled run may take to tidy up before shutdown goes on without it. */
    private static final Duration TIDY_UP = Duration.ofSeconds(30);

    private final String host;
    private final StateFolder folder;
    private final DatabasePools databases;
    private final List<RunListener> listeners;
    private final Clock clock;
    private final ScheduledThreadPoolExecutor timer;
    private final CancelRequests cancelRequests;
    private final ScheduledFuture<?> watch;
    private final LockQueue queue = new LockQueue();
    private final OverlapGate gate;
    private final Arbiter arbiter;
    private final RunHooks hooks;

    /** By run id, oldest first. Guarded by itself, as is {@link #stopping}. */
    private final Map<String, Entry> active = new LinkedHashMap<>();

    private boolean stopping;

    /** When the wait for running runs ends at the latest, as {@link System#nanoTime}; null for as whoever stops the runner says. */
    private @Nullable Long lastCall;

    /** A run and what is undone when it ends. */
    private record Entry(ActiveRun run, LockFile alive, ScheduledFuture<?> deadline) {}

    /**
     * @param state the agent's state directory; locks and cancel requests live there, shared by all processes
     * @throws OperatorException when the state directory cannot be written
     */
    public RunbookRunner(
            String host, Path state, DatabasePools databases, PastRuns past, List<RunListener> listeners, Clock clock) {
        this(host, state, databases, past, listeners, HeavyLimits.usual(), clock);
    }

    /** @param limits of the heavy work of this host, see {@link #RunbookRunner(String, Path, DatabasePools, PastRuns, List, Clock)} */
    public RunbookRunner(
            String host,
            Path state,
            DatabasePools databases,
            PastRuns past,
            List<RunListener> listeners,
            HeavyLimits limits,
            Clock clock) {
        this.host = host;
        this.folder = StateFolder.open(state);
        this.databases = databases;
        this.listeners = List.copyOf(listeners);
        this.clock = clock;
        this.cancelRequests = new CancelRequests(folder);
        this.timer = timer();
        this.arbiter = new Arbiter(folder, limits, databases, clock);
        this.gate = new OverlapGate(folder, queue, this::cancel);
        this.hooks = new RunHooks(databases, past, timer);
        RunLiveness.sweep(folder);
        cancelRequests.look((runId, reason) -> false);
        watch = timer.scheduleWithFixedDelay(
                this::lookForCancelRequests, 0, LOOK_FOR_CANCEL_REQUESTS.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static ScheduledThreadPoolExecutor timer() {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "run timer");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        return timer;
    }

    /**
     * Accepts a run and starts it in a thread of its own.
     *
     * @throws ParametersException when parameters are unknown or missing; nothing was run then
     * @throws OperatorException when the run cannot be recorded; nothing was run then either
     */
    public RunHandle start(RunRequest request) {
        Map<String, String> params = RunParameters.complete(request.runbook(), request.params());
        ActiveRun run = new ActiveRun(host, request, params, new RunEvents(listeners), folder, arbiter, clock);
        enter(run);
        try {
            run.events().runAccepted(run.snapshot());
            startThread(run);
        } catch (RuntimeException e) {
            leave(run);
            throw e;
        }
        return new RunHandle(run.id(), run.outcome());
    }

    private void startThread(ActiveRun run) {
        RunThread body = new RunThread(run, folder, queue, gate, databases, hooks, this::leave);
        try {
            new Thread(body, "run " + run.runbook().name() + " " + run.id()).start();
        } catch (OutOfMemoryError e) {
            OperatorException refusal = new OperatorException(
                    "no thread could be started for a run of '" + run.runbook().name() + "': " + e.getMessage(),
                    "this host is out of memory or of processes (ulimit -u, TasksMax of the service).",
                    e);
            run.finished(RunState.FAILED, RunError.of(String.valueOf(refusal.getMessage()), refusal.hint()));
            throw refusal;
        }
    }

    private void enter(ActiveRun run) {
        synchronized (active) {
            if (stopping) {
                throw new OperatorException("the agent is stopping", "start it again, then run this.");
            }
            LockFile alive = RunLiveness.begin(folder, run.id());
            ScheduledFuture<?> deadline =
                    timer.schedule(run::stopBecauseOfTime, run.timeLeft().toMillis(), TimeUnit.MILLISECONDS);
            active.put(run.id(), new Entry(run, alive, deadline));
        }
    }

    /** Nothing is left of the run in this process; nothing happens the second time. */
    private void leave(ActiveRun run) {
        Entry entry;
        synchronized (active) {
            entry = active.remove(run.id());
            active.notifyAll();
        }
        if (entry == null) {
            return;
        }
        entry.deadline().cancel(false);
        try {
            entry.alive().close();
        } catch (OperatorException e) {
            LOG.warn("the file of run {} could not be tidied up", run.id(), e);
        }
        cancelRequests.forget(run.id());
    }

    /**
     * Records a run that is not to start: it is announced as accepted and as skipped, and nothing of the runbook runs.
     *
     * @param reason why not, in words for the record
     * @throws OperatorException when it cannot be recorded
     */
    public RunOutcome skip(RunRequest request, String reason) {
        ActiveRun run =
                new ActiveRun(host, request, request.params(), new RunEvents(listeners), folder, arbiter, clock);
        // Alive until its end is recorded: whoever looks for runs that were killed must not find this one.
        LockFile alive = RunLiveness.begin(folder, run.id());
        try {
            run.events().runAccepted(run.snapshot());
            run.finished(RunState.SKIPPED, RunError.of(reason, null));
        } finally {
            alive.close();
        }
        return run.snapshot();
    }

    /**
     * Does onFailure for a run that failed because its process was killed, in a thread of its own. That run has ended, so what is
     * done stands in the log and not in its record.
     */
    public void callOnFailure(Runbook runbook, RunOutcome killed) {
        RunRequest request = new RunRequest(runbook, killed.trigger(), killed.params(), killed.dryRun());
        ActiveRun run = new ActiveRun(
                killed.runId(), host, request, killed.params(), new RunEvents(List.of()), folder, arbiter, clock);
        Thread thread = new Thread(
                () -> hooks.after(run, new RunEnd(RunState.FAILED, killed.error())), "onFailure " + killed.runId());
        thread.setDaemon(true);
        thread.start();
    }

    /** Starts a run and waits for its end. */
    public RunOutcome run(RunRequest request) {
        return start(request).outcome().join();
    }

    /** Who does heavy work on this host, and who waits for it. */
    public Arbiter arbiter() {
        return arbiter;
    }

    /** Runs of this process that have not ended, as far as they have got, oldest first. */
    public List<RunOutcome> running() {
        return activeRuns().stream().map(ActiveRun::snapshot).toList();
    }

    public Optional<RunOutcome> running(String runId) {
        return find(runId).map(ActiveRun::snapshot);
    }

    private List<ActiveRun> activeRuns() {
        synchronized (active) {
            return active.values().stream().map(Entry::run).toList();
        }
    }

    private Optional<ActiveRun> find(String runId) {
        synchronized (active) {
            return Optional.ofNullable(active.get(runId)).map(Entry::run);
        }
    }

    /**
     * Asks a run to stop: its statements are cancelled on the servers. Also reaches runs of other processes on the same state
     * directory, within half a second.
     *
     * @param reason who or what asked, for the record
     * @return false when no such run is running here or there
     */
    public boolean cancel(String runId, String reason) {
        String who = Secret.redact(reason);
        if (cancelHere(runId, who)) {
            return true;
        }
        if (!RunLiveness.isAlive(folder.root(), runId)) {
            return false;
        }
        cancelRequests.ask(runId, who);
        return true;
    }

    private boolean cancelHere(String runId, String who) {
        Optional<ActiveRun> run = find(runId);
        run.ifPresent(r -> r.stop(StopReason.cancelled(who)));
        return run.isPresent();
    }

    private void lookForCancelRequests() {
        if (!activeRuns().isEmpty()) {
            cancelRequests.look(this::cancelHere);
        }
    }

    /** As {@link #shutdown(Duration, Runnable)}. */
    public boolean shutdown(Duration grace) {
        return shutdown(grace, () -> {});
    }

    /**
     * Accepts nothing more, lets running runs go on for the grace period, then cancels them and waits for their end.
     *
     * @param beforeCancel is called once before the first run is cancelled; not at all where every run ends by itself
     * @return whether every run has ended; those that have not may still work, and only the end of the process ends them
     */
    public boolean shutdown(Duration grace, Runnable beforeCancel) {
        return shutdown(grace, TIDY_UP, beforeCancel);
    }

    boolean shutdown(Duration grace, Duration tidyUp, Runnable beforeCancel) {
        synchronized (active) {
            stopping = true;
        }
        if (!allEndWithin(grace, true)) {
            beforeCancel.run();
            activeRuns().forEach(run -> run.stop(StopReason.cancelled(STOPPING)));
            boolean hurry = Thread.interrupted();
            boolean allEnded = allEndWithin(tidyUp, false);
            if (hurry) {
                Thread.currentThread().interrupt();
            }
            if (!allEnded) {
                activeRuns()
                        .forEach(run -> LOG.error(
                                "run {} of '{}' does not stop; going on without it",
                                run.id(),
                                run.runbook().name()));
                return false;
            }
        }
        watch.cancel(false);
        timer.shutdownNow();
        arbiter.close();
        return true;
    }

    /** Lets a shutdown, one that is going on or one to come, wait no longer than this from now on before it cancels what runs. */
    public void hurry(Duration grace) {
        synchronized (active) {
            lastCall = System.nanoTime() + grace.toNanos();
            active.notifyAll();
        }
    }

    /** An interrupt ends the wait early: whoever interrupts is in a hurry. @param canHurry whether {@link #hurry} is heard */
    private boolean allEndWithin(Duration time, boolean canHurry) {
        long end = System.nanoTime() + time.toNanos();
        boolean interrupted = false;
        synchronized (active) {
            long left = left(end, canHurry);
            while (!active.isEmpty() && left > 0 && !interrupted) {
                try {
                    active.wait(left);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
                left = left(end, canHurry);
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            return active.isEmpty();
        }
    }

    private long left(long end, boolean canHurry) {
        long now = System.nanoTime();
        long left = end - now;
        Long last = lastCall;
        return TimeUnit.NANOSECONDS.toMillis(canHurry && last != null ? Math.min(left, last - now) : left);
    }

    @Override
    public void close() {
        shutdown(Duration.ZERO);
    }
}
