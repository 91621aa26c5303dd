package io.watchkeeper.runbook;

import java.time.Duration;

/** When a schedule fires. */
public sealed interface Timing {

    /** A Quartz cron expression, read in the schedule's zone. */
    record Cron(String expression) implements Timing {}

    /** At a fixed distance, counted from midnight of the schedule's zone so that restarts do not move it. */
    record Every(Duration interval) implements Timing {}
}
