package io.watchkeeper.schedule;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Work;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What the cluster asks of its database: short statements. A server that does not answer one in time is as good as gone. */
final class ClusterWork implements Work {

    private static final Duration LONGEST_STATEMENT = Duration.ofSeconds(8);

    @Override
    public String applicationName() {
        return "watchkeeper cluster";
    }

    @Override
    public Optional<Instant> deadline() {
        return Optional.empty();
    }

    @Override
    public Optional<Duration> timeLeft() {
        return Optional.of(LONGEST_STATEMENT);
    }

    @Override
    public void throwIfCancelled() {}

    @Override
    public Registration onCancel(Runnable action) {
        return () -> {};
    }

    @Override
    public void progress(Progress progress) {}
}
