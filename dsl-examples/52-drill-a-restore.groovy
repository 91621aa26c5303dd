// Restores the newest base backup in a sandbox, recovers all that is archived, and checks what came back.
runbook('drill-a-restore') {
    step('drill') {
        def result = pitrDrill('shore') {
            target latest
            maxRpo 1.hour
            maxRto 30.minutes
            check 'tenants are there', 'select count(*) > 0 from public.tenants'
            amcheck true                            // looks through every index
            compare 'public.tenants'                // with the rows of the database itself
        }
        log.info "RTO ${result.rto()?.toSeconds()} s, recovered to ${result.recoveredTo()}"
    }
}
