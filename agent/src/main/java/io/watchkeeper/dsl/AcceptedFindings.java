package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import java.util.LinkedHashSet;
import java.util.Set;

/** What the word {@code accept} of a review's block has named. */
final class AcceptedFindings {

    private final Set<String> known;
    private final Set<String> codes = new LinkedHashSet<>();

    /** @param known every code that a finding of the review can have */
    AcceptedFindings(Set<String> known) {
        this.known = known;
    }

    /** @throws OperatorException when one is no code of a finding */
    void add(String... more) {
        for (String code : more) {
            if (!known.contains(code)) {
                throw new OperatorException(
                        "'accept' names '" + code + "', which is no kind of finding",
                        Suggestion.didYouMean(code, known) + "Kinds: "
                                + String.join(", ", known.stream().sorted().toList()) + ".");
            }
            codes.add(code);
        }
    }

    Set<String> codes() {
        return codes;
    }
}
