package io.watchkeeper.dsl;

import io.watchkeeper.runbook.RunError;

/** {@code error} in {@code onFailure}. */
public final class FailureReason {

    private final RunError error;

    FailureReason(RunError error) {
        this.error = error;
    }

    @Word(value = "What happened, in one line.", example = "error.message")
    public String getMessage() {
        return error.message();
    }

    @Word(value = "What to do about it; empty when nothing is known.", example = "error.hint")
    public String getHint() {
        String hint = error.hint();
        return hint == null ? "" : hint;
    }

    @Word(
            value = "The runbook file in which the failing verb stands; empty when it is not known.",
            example = "error.file")
    public String getFile() {
        String file = error.file();
        return file == null ? "" : file;
    }

    @Word(value = "The line of the failing verb; 0 when it is not known.", example = "error.line")
    public int getLine() {
        return error.line();
    }

    @Word(value = "The server's SQLSTATE; empty when no server said one.", example = "error.sqlState")
    public String getSqlState() {
        String sqlState = error.sqlState();
        return sqlState == null ? "" : sqlState;
    }
}
