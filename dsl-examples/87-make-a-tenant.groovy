// Makes a tenant of the metadata database. Run twice with the same parameters it does nothing the second time:
// watchkeeper run make-a-tenant -P id=acme -P region=kr -P plan=large
runbook('make-a-tenant') {
    param 'id', 'acme'
    param 'region', 'kr'
    param 'plan', 'large'

    step('make and prove') {
        def id = param('id')
        def where = param('region')
        def ordered = param('plan')
        def made = tenant('shore', id) {
            region where
            plan ordered
            idempotencyKey "runbook-${id}"
        }
        log.info "role ${made.role()}, ${made.checks()} checks passed"
    }
}
