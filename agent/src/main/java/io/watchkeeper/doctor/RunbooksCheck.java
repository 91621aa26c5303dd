package io.watchkeeper.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Loads the runbooks. */
final class RunbooksCheck implements HealthCheck {

    private final Path folder;
    private final Supplier<RunbookFolder> runbooks;

    RunbooksCheck(Path folder, Supplier<RunbookFolder> runbooks) {
        this.folder = folder;
        this.runbooks = runbooks;
    }

    @Override
    public String subject() {
        return "runbooks";
    }

    @Override
    public List<Finding> examine() {
        RunbookFolder loaded = runbooks.get();
        List<Finding> findings = new ArrayList<>();
        loaded.problems().forEach(p -> findings.add(Finding.red(subject(), ProblemText.of(p), p.hint())));
        if (loaded.problems().isEmpty() && loaded.runbooks() == 0) {
            findings.add(Finding.amber(
                    subject(),
                    folder + " has no runbooks",
                    "write one: the folder is watched, nothing needs a restart."));
        } else {
            String count = loaded.runbooks() == 1 ? "1 runbook" : loaded.runbooks() + " runbooks";
            String rest = loaded.problems().isEmpty() ? ", no problems" : " can run";
            findings.add(Finding.green(subject(), folder + ", " + count + rest));
        }
        return findings;
    }
}
