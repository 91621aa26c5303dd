package io.watchkeeper.dsl;

import io.watchkeeper.problem.Problem;
import io.watchkeeper.runbook.Runbook;
import java.util.List;

/**
 * What one file came to.
 *
 * @param file the path as it was given
 * @param runbooks of all roles; empty when there are problems
 */
record LoadedFile(String file, List<Runbook> runbooks, List<Problem> problems) {
    LoadedFile {
        runbooks = List.copyOf(runbooks);
        problems = List.copyOf(problems);
    }
}
