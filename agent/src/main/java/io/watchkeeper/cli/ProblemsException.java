package io.watchkeeper.cli;

import io.watchkeeper.problem.Problem;
import java.util.List;

/** Files of the operator are wrong; nothing was run. Ends the program with status 2. */
final class ProblemsException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    ProblemsException(List<Problem> problems) {
        super(problems.size() + " problems");
        this.problems = List.copyOf(problems);
    }

    List<Problem> problems() {
        return problems;
    }
}
