package io.watchkeeper.toolkit.remedy;

/** What may be done about a replica that is behind. Nothing is done that the runbook does not allow by name. */
public enum Remedy {
    HOT_STANDBY_FEEDBACK("hotStandbyFeedback", true),
    CANCEL_CONFLICTS("cancelConflicts", false),
    TERMINATE_CONFLICTS("terminateConflicts", false),
    RESUME_REPLAY("resumeReplay", false),
    COST_LIMIT("costLimit", true),
    REINDEX("reindex", true),
    YIELD_RUNS("yieldRuns", true),
    RESTART_RECEIVER("restartReceiver", false),
    REPROVISION("reprovision", false);

    private final String word;
    private final boolean temporary;

    Remedy(String word, boolean temporary) {
        this.word = word;
        this.temporary = temporary;
    }

    /** As runbooks write it. */
    public String word() {
        return word;
    }

    /** Whether it is in place for a while, and done once; the others may be repeated. */
    boolean isTemporary() {
        return temporary;
    }
}
