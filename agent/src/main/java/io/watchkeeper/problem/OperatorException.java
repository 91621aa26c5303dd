package io.watchkeeper.problem;

import org.jspecify.annotations.Nullable;

/** A failure an operator can act on: the message says what is true, the hint what to do. Never a stack trace on a terminal. */
public class OperatorException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final @Nullable String hint;

    public OperatorException(String message, @Nullable String hint) {
        this(message, hint, null);
    }

    public OperatorException(String message, @Nullable String hint, @Nullable Throwable cause) {
        super(message, cause);
        this.hint = hint;
    }

    /** What to do about it; null when there is nothing better to say than the message. */
    public @Nullable String hint() {
        return hint;
    }

    /** Message and hint in one line, for a log. */
    public String withHint() {
        return hint == null || hint.isEmpty() ? String.valueOf(getMessage()) : getMessage() + " HINT: " + hint;
    }
}
