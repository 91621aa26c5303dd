package io.watchkeeper.dsl;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.toolkit.maintenance.AnalyzePlan;
import java.time.Duration;
import java.util.List;

/** {@code analyze('ship', 'public.documents') { … }} */
@Block(
        name = "analyze",
        value = "How tables are analyzed.",
        words = {"lockTimeout"})
public final class AnalyzeSpec {

    private Duration lockTimeout = Session.DEFAULT_LOCK_TIMEOUT;

    AnalyzeSpec() {}

    @Word(
            value = "How long to wait for a table that is in use.",
            example = "lockTimeout 10.seconds",
            byDefault = "5.seconds")
    public void lockTimeout(Duration limit) {
        lockTimeout = limit;
    }

    AnalyzePlan plan(List<String> tables) {
        return new AnalyzePlan(tables, lockTimeout);
    }
}
