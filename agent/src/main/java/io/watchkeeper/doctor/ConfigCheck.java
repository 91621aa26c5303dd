package io.watchkeeper.doctor;

import io.watchkeeper.config.FileMode;
import io.watchkeeper.problem.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What reading the configuration file found. */
final class ConfigCheck implements HealthCheck {

    private final Path file;
    private final List<Problem> problems;
    private final List<Problem> warnings;

    ConfigCheck(Path file, List<Problem> problems, List<Problem> warnings) {
        this.file = file;
        this.problems = problems;
        this.warnings = warnings;
    }

    @Override
    public String subject() {
        return "config";
    }

    @Override
    public List<Finding> examine() throws IOException {
        List<Finding> findings = new ArrayList<>();
        problems.forEach(p -> findings.add(Finding.red(subject(), ProblemText.of(p), p.hint())));
        if (problems.isEmpty()) {
            findings.add(Finding.green(subject(), file + ", no problems, mode " + FileMode.of(file)));
        }
        warnings.forEach(w -> findings.add(Finding.amber(subject(), ProblemText.of(w), w.hint())));
        return findings;
    }
}
