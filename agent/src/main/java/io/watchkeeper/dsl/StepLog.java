package io.watchkeeper.dsl;

import io.watchkeeper.runbook.StepContext;
import org.jspecify.annotations.Nullable;

/** {@code log.info} and {@code log.warn}. */
public final class StepLog {

    private final StepContext context;

    StepLog(StepContext context) {
        this.context = context;
    }

    @Word(value = "Writes a line to the run's log.", example = "log.info 'half way'")
    public void info(@Nullable Object message) {
        context.info(String.valueOf(message));
    }

    @Word(value = "Writes a line to the run's log that stands out.", example = "log.warn 'slower than yesterday'")
    public void warn(@Nullable Object message) {
        context.warn(String.valueOf(message));
    }
}
