// Removes a tenant that has left, once its rows are archived, restored beside and compared. Its row in tenants stays, marked closed.
runbook('drop-a-tenant') {
    policy { timeout 6.hours }

    step('shut out') {
        suspendTenant('shore', 'acme')
    }
    step('archive and remove') {
        def dropped = dropTenant('shore', 'acme') {
            confirm 'acme'
            pause 100.milliseconds
        }
        log.info "its rows are in archive ${dropped.archive()}"
    }
}
