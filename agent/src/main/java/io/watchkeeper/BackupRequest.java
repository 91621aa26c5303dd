package io.watchkeeper;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.SourceLocation;
import io.watchkeeper.runbook.Step;
import io.watchkeeper.runbook.StepBody;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** What commands about backups have in common: each is a run like a runbook's, so that it is recorded, shown and cancelled like one. */
final class BackupRequest {

    /** Where a run says that it comes from. */
    private static final SourceLocation COMMAND_LINE = new SourceLocation("command line", 1);

    private BackupRequest() {}

    /**
     * The runbook of one step that does it. It is tried once: whoever typed the command sees why it failed.
     *
     * @throws OperatorException when the timeout is none
     */
    static Runbook runbook(String name, String description, Duration timeout, StepBody body) {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new OperatorException("a timeout of nothing ends the run before it begins", "give a time, as 12h.");
        }
        Policy usual = Policy.DEFAULT;
        return new Runbook(
                name,
                description,
                "",
                Set.of(),
                null,
                new Policy(timeout, 1, usual.backOff(), Policy.Overlap.QUEUE, usual.locks()),
                List.of(),
                List.of(),
                List.of(new Step(name, COMMAND_LINE, body)),
                null,
                null,
                COMMAND_LINE,
                "");
    }
}
