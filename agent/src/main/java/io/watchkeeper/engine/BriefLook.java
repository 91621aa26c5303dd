package io.watchkeeper.engine;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Work;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** A look at a server that nobody waits for, and that is over soon. */
final class BriefLook implements Work {

    private static final Duration LONGEST = Duration.ofSeconds(5);

    private final String applicationName;
    private final long began = System.nanoTime();

    BriefLook(String applicationName) {
        this.applicationName = applicationName;
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
        Duration left = LONGEST.minusNanos(System.nanoTime() - began);
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
