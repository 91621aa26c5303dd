package io.watchkeeper.runbook;

/** One named part of a runbook. Steps run in order; the first that fails ends the run. */
public record Step(String name, SourceLocation location, StepBody body) {}
