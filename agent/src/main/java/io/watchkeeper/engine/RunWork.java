package io.watchkeeper.engine;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Work;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A step of a run as servers see it. */
final class RunWork implements Work {

    /** PostgreSQL cuts longer names. */
    private static final int LONGEST_NAME = 63;

    private static final int ID_IN_NAME = 10;

    private final String applicationName;
    private final Instant deadline;
    private final Supplier<Duration> timeLeft;
    private final StopSignal signal;
    private final boolean readOnly;
    private final ProgressThrottle progress;
    private final GiveWay giveWay;
    private final Supplier<OptionalLong> sharedRate;

    RunWork(
            String applicationName,
            Instant deadline,
            Supplier<Duration> timeLeft,
            StopSignal signal,
            boolean readOnly,
            Consumer<Progress> progress,
            GiveWay giveWay,
            Supplier<OptionalLong> sharedRate) {
        this.applicationName = applicationName;
        this.deadline = deadline;
        this.timeLeft = timeLeft;
        this.signal = signal;
        this.readOnly = readOnly;
        this.progress = new ProgressThrottle(progress);
        this.giveWay = giveWay;
        this.sharedRate = sharedRate;
    }

    /**
     * {@code watchkeeper <runbook> <first ten of the run's id>}. A long runbook name is cut so that the id stays; what is not
     * ASCII becomes a question mark, as some servers do it, because others make four characters of each byte.
     */
    static String applicationName(String runbook, String runId) {
        String id = runId.substring(0, Math.min(ID_IN_NAME, runId.length()));
        String name = runbook.replaceAll("[^\\x20-\\x7E]", "?");
        int room = LONGEST_NAME - "watchkeeper  ".length() - id.length();
        return "watchkeeper " + name.substring(0, Math.min(room, name.length())) + " " + id;
    }

    @Override
    public String applicationName() {
        return applicationName;
    }

    @Override
    public Optional<Instant> deadline() {
        return Optional.of(deadline);
    }

    @Override
    public Optional<Duration> timeLeft() {
        Duration left = timeLeft.get();
        return Optional.of(left.isNegative() ? Duration.ZERO : left);
    }

    @Override
    public void throwIfCancelled() {
        signal.throwIfStopped();
        giveWay.pass();
    }

    @Override
    public Registration onCancel(Runnable action) {
        return signal.onStop(action);
    }

    @Override
    public void progress(Progress now) {
        progress.accept(now);
    }

    StopSignal signal() {
        return signal;
    }

    /** Passes on what the throttle still holds back. */
    void flushProgress() {
        progress.flush();
    }

    @Override
    public OptionalLong sharedRate() {
        return sharedRate.get();
    }

    @Override
    public boolean readOnly() {
        return readOnly;
    }
}
