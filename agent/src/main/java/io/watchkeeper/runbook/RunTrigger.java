package io.watchkeeper.runbook;

/** Who asked for a run. */
public enum RunTrigger {
    CLI,
    HTTP,
    SCHEDULE,
    /** Made up for a fire time that was missed while the host slept, or for a run that a short stop of the agent cut off. */
    CATCH_UP
}
