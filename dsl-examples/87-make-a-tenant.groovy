// Makes a tenant of the metadata database. Run twice with the same parameters it does nothing the second time:
// watchkeeper run make-a-tenant -P id=acme -P region=kr -P plan=large
runbook('make-a-tenant') {
    param 'id', 'acme'
    param 'region', 'kr'
    param 'plan', 'large'

    step('make and prove') {
        def made = tenant('shore', param('id')) {
            region param('region')
            plan param('plan')
            idempotencyKey "runbook-${param('id')}"
        }
        log.info "role ${made.role()}, ${made.checks()} checks passed"
    }
}
