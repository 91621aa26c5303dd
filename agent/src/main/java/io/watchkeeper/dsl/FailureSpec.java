package io.watchkeeper.dsl;

import io.watchkeeper.runbook.RunError;

/** {@code onFailure { … }} */
@Block(
        name = "onFailure",
        value = "Runs after the runbook has failed or timed out. `error` says why.",
        words = {"error", "alert", "log", "sleep", "http", "param", "params"})
public final class FailureSpec extends ActionSpec {

    FailureSpec(Action action) {
        super(action);
    }

    @Word(
            value = "Why the run failed: `error.message`, `error.hint`, `error.file`, `error.line`, `error.sqlState`.",
            example = "alert 'page', \"ship-sync: ${error.message}\"")
    public FailureReason getError() {
        return new FailureReason(
                action().context().error().orElseGet(() -> RunError.of("the reason is not known", null)));
    }
}
