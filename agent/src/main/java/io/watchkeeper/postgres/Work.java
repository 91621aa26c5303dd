package io.watchkeeper.postgres;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A piece of work as servers see it: the name its sessions carry, when it must be over, how it is told to stop, and where it
 * says how far it is.
 */
public interface Work {

    /** The sessions' application_name; at most 63 bytes. */
    String applicationName();

    /** When the work must be over; statements get what is left as their timeout. */
    Optional<Instant> deadline();

    /** What is left until {@link #deadline}, never negative; empty without a deadline, or where nobody keeps the time. */
    default Optional<Duration> timeLeft() {
        return Optional.empty();
    }

    /** @throws WorkCancelledException once the work was told to stop */
    void throwIfCancelled();

    /**
     * Runs the action, in a thread of its own, when the work is told to stop, or now if it already was; closing takes the
     * action back. What has to be tidied up after a cancellation is tidied up in a session that was opened for other work.
     */
    Registration onCancel(Runnable action);

    void progress(Progress progress);

    /** How many bytes per second may be moved now, for what can be held to a rate; changes while others come and go. Empty for any. */
    default OptionalLong sharedRate() {
        return OptionalLong.empty();
    }

    /** Whether the servers are to refuse changes: the safety net under dry runs. */
    default boolean readOnly() {
        return false;
    }

    /** Takes an action back. */
    interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    /** Work that nobody cancels and nobody watches, for probes and tests. */
    static Work unattended(String applicationName) {
        return new Work() {
            @Override
            public String applicationName() {
                return applicationName;
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
        };
    }
}
