package io.watchkeeper.postgres;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** A look at a server that nobody waits for, and that is over soon. */
public final class BriefLook implements Work {

    private final String applicationName;
    private final Duration longest;
    private final long began = System.nanoTime();

    /** Begins now. @param longest what the server may take for all of it */
    public BriefLook(String applicationName, Duration longest) {
        this.applicationName = applicationName;
        this.longest = longest;
    }

    @Override
    public String applicationName() {
        return applicationName;
    }

    @Override
    public Optional<Instant> deadline() {
        return Optional.empty();
    }

    @Override
    public Optional<Duration> timeLeft() {
        Duration left = longest.minusNanos(System.nanoTime() - began);
        return Optional.of(left.isNegative() ? Duration.ZERO : left);
    }

    @Override
    public void throwIfCancelled() {}

    @Override
    public Registration onCancel(Runnable action) {
        return () -> {};
    }

    @Override
    public void progress(Progress progress) {}

    @Override
    public boolean readOnly() {
        return true;
    }
}
