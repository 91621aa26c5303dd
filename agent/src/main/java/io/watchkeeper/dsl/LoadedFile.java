package io.watchkeeper.dsl;

import io.watchkeeper.problem.Problem;
import io.watchkeeper.runbook.Runbook;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one file came to.
 *
 * @param file the path as it was given
 * @param fingerprint of its text; null when the text could not be read
 * @param runbooks of all roles; empty when there are problems
 */
record LoadedFile(String file, @Nullable String fingerprint, List<Runbook> runbooks, List<Problem> problems) {
    LoadedFile {
        runbooks = List.copyOf(runbooks);
        problems = List.copyOf(problems);
    }
}
