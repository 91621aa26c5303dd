package io.watchkeeper.dsl;

import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;

/** What all verbs that only look have in common: the result is said and recorded, and fails the step at its end. */
record ReviewVerbs(Action action) {

    Review told(String verb, Review review, boolean reportOnly) {
        StepContext context = action.context();
        context.info(review.words());
        review.findings().stream()
                .filter(one -> one.status() != ReviewStatus.OK)
                .forEach(one -> context.warn(one.code() + ": " + one.message()));
        context.record(new VerbResult(verb, review.fields()));
        if (!reportOnly && !action.dryRun()) {
            review.failure().ifPresent(action.verdicts()::add);
        }
        return review;
    }
}
