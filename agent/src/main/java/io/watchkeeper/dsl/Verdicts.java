package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import java.util.ArrayList;
import java.util.List;

/** The reviews of a step that did not pass. They do not hold up what comes after them in the step; the step fails at its end. */
final class Verdicts {

    private final List<OperatorException> failures = new ArrayList<>();

    void add(OperatorException failure) {
        failures.add(failure);
    }

    /** @throws OperatorException when a review failed: the first, with how many more there were */
    void throwFailure() {
        if (failures.isEmpty()) {
            return;
        }
        OperatorException first = failures.get(0);
        if (failures.size() == 1) {
            throw first;
        }
        throw new OperatorException(
                first.getMessage() + "; and " + (failures.size() - 1) + " more checks of this step failed",
                first.hint());
    }
}
