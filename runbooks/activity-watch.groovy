// Watches what sessions do to each other: connections running out, transactions left open, statements waiting for locks.
//
// Each check keeps the sessions it found as evidence, so that the run says who it was even when they are gone by then, and what ends it.
// Edit here: the database; the limits are parameters.
runbook('activity-watch') {
    description 'Warns of too many connections, transactions left open and long waits for locks.'
    owner 'dba-oncall'
    schedule {
        every 1.minute
        jitter 5.seconds
    }
    policy {
        timeout 30.seconds
        retry 2, 2.seconds
    }
    param 'failAtConnectionsPercent', '95'
    param 'failAtTransactionMinutes', '60'
    param 'failAtLockWaitSeconds', '300'

    step('connections') {
        def limit = param('failAtConnectionsPercent').toInteger()
        def open = param('failAtTransactionMinutes').toInteger()
        connections('shore') {
            warn 80.percent
            fail limit.percent                     // of those that are not reserved for superusers
            transactionWarn 10.minutes             // it keeps VACUUM from removing rows
            transactionFail open.minutes
        }
    }
    step('lock waits') {
        def limit = param('failAtLockWaitSeconds').toInteger()
        lockWaits('shore') {
            warn 30.seconds
            fail limit.seconds
        }
    }
    onFailure  { alert 'page', "activity-watch: ${error.message}" }
    onRecovery { alert 'info', 'activity-watch: connections, transactions and locks are fine again' }
}
