// Watches the standbys and subscribers of the primary: how far each is behind, whether it is there at all, and what slots keep.
//
// Standbys that the configuration knows (standbyOf), that were seen before, or that have a slot are missed when they are gone; for
// others set how many there must be with -P standbys=…, or here. Edit here: the database that is the primary.
runbook('replication-lag') {
    description 'Alerts when a standby or subscriber is behind or gone, and when a slot keeps too much WAL.'
    owner 'dba-oncall'
    schedule {
        every 1.minute
        jitter 5.seconds
    }
    policy {
        timeout 30.seconds
        retry 2, 2.seconds
    }
    param 'standbys', '0'
    param 'warnAfterSeconds', '60'
    param 'alertAfterSeconds', '300'
    param 'alertRetainingGigabytes', '10'

    step('replication') {
        def warn = param('warnAfterSeconds').toInteger()
        def limit = param('alertAfterSeconds').toInteger()
        def retained = param('alertRetainingGigabytes').toInteger()
        def expected = param('standbys').toInteger()
        replicationLag('shore') {
            warnAfter warn.seconds
            alertAfter limit.seconds
            alertRetaining retained.gigabytes
            fullWithin 6.hours                     // the disk, at the rate at which slots keep more and more
            standbys expected
        }
    }
    onFailure  { alert 'page', "replication-lag: ${error.message}" }
    onRecovery { alert 'info', 'replication-lag: standbys, subscribers and slots are fine again' }
}
