package io.watchkeeper;

import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.SourceLocation;
import io.watchkeeper.runbook.Step;
import io.watchkeeper.runbook.StepBody;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** A restore, a drill or a switchover that nobody wrote a runbook for: a run like a runbook's, tried once. */
final class PitrRunbook {

    private static final SourceLocation COMMAND_LINE = new SourceLocation("command line", 1);

    private PitrRunbook() {}

    static Runbook of(String name, String description, Duration timeout, Policy.Overlap overlap, StepBody body) {
        Policy usual = Policy.DEFAULT;
        return new Runbook(
                name,
                description,
                "",
                Set.of(),
                null,
                new Policy(timeout, 1, usual.backOff(), overlap, usual.locks()),
                List.of(),
                List.of(),
                List.of(new Step(name, COMMAND_LINE, body)),
                null,
                null,
                COMMAND_LINE,
                "");
    }
}
