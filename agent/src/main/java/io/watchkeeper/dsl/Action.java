package io.watchkeeper.dsl;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.runbook.StepContext;

/** What the words of a running step or hook work with. */
record Action(StepContext context, Toolbox toolbox, TextChecks texts) {

    boolean dryRun() {
        return context.dryRun();
    }

    Database database(String name) {
        return context.database(texts.require(TextKind.DATABASE, name));
    }
}
