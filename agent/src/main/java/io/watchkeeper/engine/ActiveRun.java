package io.watchkeeper.engine;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.Requester;
import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.StepOutcome;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.units.DurationText;
import io.watchkeeper.units.Secret;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A run from its acceptance to its end: what is known of it, who listens to it, and how it is stopped. */
final class ActiveRun {

    private static final Logger LOG = LoggerFactory.getLogger("io.watchkeeper.run");

    private final String id;
    private final String host;
    private final RunRequest request;
    private final Map<String, String> params;
    private final RunEvents events;
    private final StateFolder folder;
    private final Arbiter arbiter;
    private final Clock clock;
    private final Instant startedAt;
    private final long startedNanos = System.nanoTime();
    private final StopSignal signal;
    private final CompletableFuture<RunOutcome> outcome = new CompletableFuture<>();

    /** Guarded by this, as the rest. */
    private final List<StepOutcome> finishedSteps = new ArrayList<>();

    private final Set<String> describedStatements = new HashSet<>();

    private final Map<Class<?>, Object> shared = new HashMap<>();

    private RunState state = RunState.QUEUED;
    private @Nullable StepRecord step;
    private @Nullable RunError error;
    private @Nullable Duration duration;
    private @Nullable StopSignal hookSignal;
    private @Nullable StopReason asked;
    private String doing = "before it started";

    ActiveRun(
            String host,
            RunRequest request,
            Map<String, String> params,
            RunEvents events,
            StateFolder folder,
            Arbiter arbiter,
            Clock clock) {
        this(null, host, request, params, events, folder, arbiter, clock);
    }

    /** @param id null for a new one */
    ActiveRun(
            @Nullable String id,
            String host,
            RunRequest request,
            Map<String, String> params,
            RunEvents events,
            StateFolder folder,
            Arbiter arbiter,
            Clock clock) {
        this.host = host;
        this.request = request;
        this.params = params;
        this.events = events;
        this.folder = folder;
        this.arbiter = arbiter;
        this.clock = clock;
        this.startedAt = clock.instant();
        this.id = id == null ? RunId.create(startedAt) : id;
        this.signal = new StopSignal(this.id);
    }

    String id() {
        return id;
    }

    Runbook runbook() {
        return request.runbook();
    }

    boolean dryRun() {
        return request.dryRun();
    }

    Requester by() {
        return request.by();
    }

    Map<String, String> params() {
        return params;
    }

    /** For one attempt of a step. */
    GiveWay giveWay(StopSignal stop) {
        return arbiter.giveWay(this, stop);
    }

    /** Does heavy work once this host has a place for it. @param stop that ends the wait */
    <T, E extends Exception> T heavily(StopSignal stop, HeavyWork work, HeavyWork.Doing<T, E> doing) throws E {
        return dryRun() ? doing.get() : arbiter.heavily(this, stop, work, doing);
    }

    /** The part of the host's common rate that this run has, in bytes per second. */
    OptionalLong sharedRate() {
        return arbiter.share();
    }

    synchronized void statementsDescribed(String database) {
        describedStatements.add(database);
    }

    synchronized boolean hasDescribedStatements(String database) {
        return describedStatements.contains(database);
    }

    Path reports() {
        return folder.reports(id);
    }

    synchronized <T> T shared(Class<T> type, Supplier<T> first) {
        return type.cast(shared.computeIfAbsent(type, any -> first.get()));
    }

    RunEvents events() {
        return events;
    }

    StopSignal signal() {
        return signal;
    }

    CompletableFuture<RunOutcome> outcome() {
        return outcome;
    }

    LockHolder asHolder() {
        return new LockHolder(id, ProcessHandle.current().pid(), runbook().name());
    }

    // --- time ---

    /** When the run must be over, by the clock that others compare with. */
    Instant deadline() {
        return startedAt.plus(runbook().policy().timeout());
    }

    /** What is left until then, measured: a clock that is set does not change it. Negative when it is over. */
    Duration timeLeft() {
        return runbook().policy().timeout().minusNanos(System.nanoTime() - startedNanos);
    }

    Instant now() {
        return clock.instant();
    }

    void stopBecauseOfTime() {
        String limit = DurationText.say(runbook().policy().timeout());
        signal.stop(StopReason.timedOut(
                "timed out after " + limit + ", " + doing(),
                "if it needs more time, raise 'timeout' in the policy of '"
                        + runbook().name() + "'."));
    }

    // --- stopping ---

    /** Stops the run, or its hook when it has got there. */
    void stop(StopReason why) {
        StopSignal hook;
        synchronized (this) {
            asked = why;
            hook = hookSignal;
        }
        signal.stop(why);
        if (hook != null) {
            hook.stop(why);
        }
    }

    /** From now on the hook is what is stopped; who asked while the run was between its steps and the hook is heard, too. */
    void hookBegins(StopSignal itsSignal) {
        StopReason before;
        synchronized (this) {
            hookSignal = itsSignal;
            before = asked;
        }
        if (before != null) {
            itsSignal.stop(before);
        }
    }

    /** Says in a few words where the run is, for the message of a run that runs out of time there. */
    synchronized void doing(String what) {
        doing = what;
    }

    synchronized String doing() {
        return doing;
    }

    // --- what happened ---

    void started() {
        synchronized (this) {
            state = RunState.RUNNING;
        }
        events.runStarted(snapshot());
    }

    void stepStarted(StepRecord record) {
        synchronized (this) {
            step = record;
        }
        events.stepStarted(id, record.index(), record.name());
    }

    void stepFinished(StepOutcome finished) {
        synchronized (this) {
            step = null;
            finishedSteps.add(finished);
        }
        events.stepFinished(id, finished);
    }

    void verbFinished(StepRecord record, VerbResult result) {
        VerbResult shown = Redaction.of(result);
        record.add(shown);
        events.verbFinished(id, record.index(), shown);
    }

    void progressed(StepRecord record, Progress progress) {
        events.progressed(id, record.index(), progress);
    }

    void log(LogLine.Level level, String message) {
        LogLine line = new LogLine(clock.instant(), level, Secret.redact(message));
        tellProcess(level, line.message());
        events.logged(id, line);
    }

    /** In the log of the process only. */
    void tellProcess(LogLine.Level level, String message) {
        String text = Secret.redact(message);
        switch (level) {
            case INFO -> LOG.info("{}", text);
            case WARN -> LOG.warn("{}", text);
            case ERROR -> LOG.error("{}", text);
        }
    }

    /** The run's last word. */
    void finished(RunState finalState, @Nullable RunError why) {
        synchronized (this) {
            state = finalState;
            error = why;
            duration = elapsed();
        }
        events.runFinished(snapshot());
    }

    private Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - startedNanos);
    }

    /** The run as far as it has got, with the step that is going on. */
    synchronized RunOutcome snapshot() {
        List<StepOutcome> steps = new ArrayList<>(finishedSteps);
        if (step != null) {
            steps.add(step.outcome(RunState.RUNNING, null));
        }
        return new RunOutcome(
                id,
                runbook().name(),
                host,
                state,
                startedAt,
                duration == null ? elapsed() : duration,
                dryRun(),
                request.trigger(),
                Redaction.of(params),
                steps,
                error,
                runbook().checklist(),
                request.by());
    }
}
