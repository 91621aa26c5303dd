// Compares a server's settings with what they should be. Findings that are known and accepted are named; each other one comes with the
// line that mends it, ready to be pasted into psql.
runbook('review-settings') {
    param 'memoryGigabytes', '8'
    step('review') {
        def gigabytes = param('memoryGigabytes').toInteger()
        def review = settingsReview('shore') {
            memory gigabytes.gigabytes
            accept 'dataChecksums', 'logConnections'
            reportOnly true
        }
        if (review.status() != 'ok') review.remedy().each { log.info it }
    }
}
