package io.watchkeeper.runbook;

/** Who asked for a run. */
public enum RunTrigger {
    CLI,
    HTTP,
    SCHEDULE,
    /** Made up for a fire time that was missed while the host slept. */
    CATCH_UP
}
