package io.watchkeeper.runbook;

import java.time.Instant;

/**
 * Runs of one runbook that were asked for in the same stretch of time and came to the same. Dry runs are not among them.
 *
 * @param at when the stretch began
 * @param count of the runs
 * @param newest the id of the newest of them
 */
public record RunTicks(String runbook, RunState state, Instant at, int count, String newest) {}
