package io.watchkeeper.cli;

/** Exit statuses that do not come from a run; see {@link io.watchkeeper.runbook.RunState#exitStatus()} for those. */
final class ExitStatus {

    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;

    private ExitStatus() {}
}
