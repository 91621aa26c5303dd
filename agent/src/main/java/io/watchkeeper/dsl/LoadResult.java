package io.watchkeeper.dsl;

import io.watchkeeper.problem.Problem;
import io.watchkeeper.runbook.Runbook;
import java.util.List;

/**
 * What a set of runbook files came to.
 *
 * @param runbooks those of this host's role, by name; none of a file with problems
 * @param problems all problems of all files, sorted by file, line and column
 * @param files how many files were read
 */
public record LoadResult(List<Runbook> runbooks, List<Problem> problems, int files) {
    public LoadResult {
        runbooks = List.copyOf(runbooks);
        problems = problems.stream().sorted().toList();
    }

    /** How many files have a problem. */
    public int filesWithProblems() {
        return (int) problems.stream().map(Problem::file).distinct().count();
    }
}
