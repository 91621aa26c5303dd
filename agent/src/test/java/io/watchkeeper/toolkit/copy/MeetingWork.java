package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Work;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/** Work that nobody stops, whose progress goes to a test from whichever thread makes it. */
record MeetingWork(Consumer<Progress> listener) implements Work {

    @Override
    public String applicationName() {
        return "copy test";
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
    public void progress(Progress progress) {
        listener.accept(progress);
    }
}
