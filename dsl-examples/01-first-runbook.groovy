// The smallest useful runbook: a name, one step, one query, one line in the log.
// Run it:  watchkeeper run dsl-examples/01-first-runbook.groovy
runbook('first-runbook') {
    step('count the tenants') {
        def rows = query('shore', 'select count(*) as tenants from tenants')
        log.info "${rows[0].tenants} tenants ashore"
    }
}
