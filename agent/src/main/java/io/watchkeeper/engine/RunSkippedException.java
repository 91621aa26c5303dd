package io.watchkeeper.engine;

import org.jspecify.annotations.Nullable;

/** The run does not take place, and that is no failure: it overlaps with another, or a guard says not now. */
final class RunSkippedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final @Nullable String hint;

    RunSkippedException(String message, @Nullable String hint) {
        super(message);
        this.hint = hint;
    }

    @Nullable
    String hint() {
        return hint;
    }
}
