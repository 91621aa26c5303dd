package io.watchkeeper.dsl;

import java.util.List;

/**
 * What a runbook will do and when, in plain words.
 *
 * @param when one sentence that says when it runs and where
 * @param steps in order
 * @param rules sentences about what must hold, how long it may take and what it keeps out of the way of
 * @param failure sentences about what happens when it fails, and when it works again
 */
public record Explanation(String runbook, String when, List<Part> steps, List<String> rules, List<String> failure) {

    /**
     * A step.
     *
     * @param deeds what it does, one sentence without subject for each verb; empty when it only calculates
     */
    public record Part(String step, List<String> deeds) {
        public Part {
            deeds = List.copyOf(deeds);
        }
    }

    public Explanation {
        steps = List.copyOf(steps);
        rules = List.copyOf(rules);
        failure = List.copyOf(failure);
    }
}
