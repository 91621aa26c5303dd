package io.watchkeeper.doctor;

import io.watchkeeper.problem.Problem;

/** A problem as one line: where and what. Its hint has a place of its own in a finding. */
final class ProblemText {

    private ProblemText() {}

    static String of(Problem problem) {
        return new Problem(problem.file(), problem.line(), problem.column(), problem.message(), null).toString();
    }
}
