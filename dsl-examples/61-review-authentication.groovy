// Looks at who may log in how. Findings that are known and accepted are named; whatever else must be mended now fails the step.
runbook('review-authentication') {
    step('review') {
        def review = authenticationReview('shore') { accept 'localTrust', 'unreadable' }
        review.remedy().each { text -> log.warn text }
    }
}
