// Every night: is each tenant still kept apart? A new table without a policy, a second policy that lets more through or a view with its
// owner's rights fails the run, and the report has the statement that closes the hole.
runbook('verify-tenants') {
    schedule { cron '0 30 4 * * ?'; zone 'UTC' }

    step('catalogue and proofs') {
        def review = verifyTenants('shore') {
            atMost 50
            accept 'uniqueAcrossTenants'
        }
        log.info review.summary
    }
    onFailure { alert 'page', "tenants may not be kept apart: ${error.message}" }
}
