package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Work;
import java.time.Instant;
import java.util.Optional;

/** Work of a dry run: the servers themselves refuse changes. */
final class ReadOnlyWork implements Work {

    @Override
    public String applicationName() {
        return "dry run";
    }

    @Override
    public Optional<Instant> deadline() {
        return Optional.empty();
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
