package io.watchkeeper.dsl;

import java.util.Optional;

/** Knows which cron expressions the scheduler understands. */
@FunctionalInterface
public interface CronSyntax {

    /** What is wrong with the expression in plain words; empty when it is right. */
    Optional<String> problemOf(String expression);
}
