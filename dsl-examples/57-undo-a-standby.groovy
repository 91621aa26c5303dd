// Takes back all that was made for the standby: its server and files here; slot, line in pg_hba.conf, role and settings on shore.
runbook('undo-a-standby') {
    step('undo') {
        def standby = provisionStandby('ship') {
            from 'shore'
            dataDirectory '/var/lib/postgresql/15/ship'
            undo true
        }
        standby.notes().each { log.info it }
    }
}
