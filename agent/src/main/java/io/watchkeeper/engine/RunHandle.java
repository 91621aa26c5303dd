package io.watchkeeper.engine;

import io.watchkeeper.runbook.RunOutcome;
import java.util.concurrent.CompletableFuture;

/**
 * A run that was accepted.
 *
 * @param outcome completes when the run has ended; never exceptionally
 */
public record RunHandle(String runId, CompletableFuture<RunOutcome> outcome) {}
