package io.watchkeeper.runbook;

import java.util.Arrays;
import java.util.Optional;

/** Where a run or a step stands. The wire names are a contract of the run document. */
public enum RunState {
    /** Waits for its turn behind an earlier run of the same runbook or a lock. */
    QUEUED("queued", -1),
    RUNNING("running", -1),
    SUCCEEDED("succeeded", 0),
    FAILED("failed", 1),
    SKIPPED("skipped", 3),
    CANCELLED("cancelled", 4),
    TIMED_OUT("timedOut", 5);

    private final String wireName;
    private final int exitStatus;

    RunState(String wireName, int exitStatus) {
        this.wireName = wireName;
        this.exitStatus = exitStatus;
    }

    public String wireName() {
        return wireName;
    }

    /** The exit status of {@code watchkeeper run} that ended so; -1 while it has not ended. */
    public int exitStatus() {
        return exitStatus;
    }

    public boolean isFinal() {
        return exitStatus >= 0;
    }

    public static Optional<RunState> ofWireName(String name) {
        return Arrays.stream(values()).filter(s -> s.wireName.equals(name)).findFirst();
    }
}
