// Looks for what makes people wait: statements that run for long, those that take the most time all together, and who holds up whom.
//
// Statements are kept without the values in them. Which take the most time is known where pg_stat_statements is installed.
// Edit here: the databases; the limits are parameters.
runbook('slow-queries-and-locks') {
    description 'Finds statements that run for long or take the most time, and who holds up whom.'
    owner 'dba-oncall'
    schedule {
        every 10.minutes
        jitter 30.seconds
    }
    policy {
        timeout 1.minute
        retry 2, 2.seconds
    }
    param 'warnAfterSeconds', '60'
    param 'failAfterMinutes', '30'
    param 'failAtLockWaitSeconds', '300'

    step('slow queries') {
        def first = param('warnAfterSeconds').toInteger()
        def limit = param('failAfterMinutes').toInteger()
        for (name in ['shore', 'ship']) {
            slowQueries(name) {
                longerThan 5.seconds
                warn first.seconds
                fail limit.minutes
                except 'nightly_report*'           // beside dumps, base backups and the agent's own work
            }
        }
    }
    step('lock waits') {
        def limit = param('failAtLockWaitSeconds').toInteger()
        for (name in ['shore', 'ship']) {
            lockWaits(name) {
                warn 30.seconds
                fail limit.seconds
            }
        }
    }
    onFailure  { alert 'warning', "slow-queries-and-locks: ${error.message}" }
    onRecovery { alert 'info', 'slow-queries-and-locks: nobody waits for long any more' }
}
