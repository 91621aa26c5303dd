// Fails when a standby or subscriber of shore is too far behind, and says which, how far, since when and where it is held up.
runbook('watch-replicas') {
    schedule {
        every 1.minute
    }
    step('lag') {
        def lag = replicationLag('shore') {
            warnAfter 30.seconds
            alertAfter 300.seconds              // in time; on an idle server this is 0
            alertAfterBytes 2.gigabytes
            alertRetaining 10.gigabytes         // what one slot keeps on shore's disk
            except 'report_*'                   // not judged
        }
        lag.replicas().each { log.info "${it.name()}: ${it.lag()}, ${it.stage()}" }
    }
    onFailure  { alert 'page', "replicas: ${error.message}" }
    onRecovery { alert 'info', 'replicas are up to date again' }
}
