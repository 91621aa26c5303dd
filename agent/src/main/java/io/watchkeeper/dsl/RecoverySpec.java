package io.watchkeeper.dsl;

/** {@code onRecovery { … }} */
@Block(
        name = "onRecovery",
        value = "Runs after the first run that succeeded again after a failure.",
        words = {"alert", "log", "sleep", "http", "param", "params"})
public final class RecoverySpec extends ActionSpec {

    RecoverySpec(Action action) {
        super(action);
    }
}
