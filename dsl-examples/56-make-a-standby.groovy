// A physical standby on this host. Whatever is missing is made; a second run changes nothing.
runbook('make-a-standby') {
    step('standby') {
        def standby = provisionStandby('ship') {
            from 'shore'
            dataDirectory '/var/lib/postgresql/15/ship'
            settings set                        // of shore, by ALTER SYSTEM; undo sets them back
            maxSlotWalKeepSize 50.gigabytes     // a ship that is away for longer is copied again
            hba write                           // where shore is on this host, too; else the line is said
            start pgCtl
        }
        log.info "${standby.name()} is ${standby.state()}"
        standby.steps().each { name, words -> log.info "${name}: ${words}" }
    }
    onFailure { alert 'page', "the standby: ${error.message}" }
}
