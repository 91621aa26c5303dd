package io.watchkeeper.doctor;

import io.watchkeeper.problem.Problem;
import java.util.List;

/**
 * What loading the runbooks came to.
 *
 * @param runbooks how many can run
 */
public record RunbookFolder(int runbooks, List<Problem> problems) {
    public RunbookFolder {
        problems = List.copyOf(problems);
    }
}
