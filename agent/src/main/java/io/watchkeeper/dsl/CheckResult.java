package io.watchkeeper.dsl;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How a check came out. */
public final class CheckResult {

    enum Status {
        OK,
        WARN,
        FAIL
    }

    private final String name;
    private final Status status;
    private final @Nullable Object value;

    CheckResult(String name, Status status, @Nullable Object value) {
        this.name = name;
        this.status = status;
        this.value = value;
    }

    @Word(value = "The check's name.", example = "result.name()")
    public String name() {
        return name;
    }

    @Word(value = "`ok` or `warn`; a check that fails ends the step.", example = "result.status() == 'warn'")
    public String status() {
        return status.name().toLowerCase(Locale.ROOT);
    }

    @Word(value = "The value that was checked.", example = "result.value()")
    public @Nullable Object value() {
        return value;
    }
}
