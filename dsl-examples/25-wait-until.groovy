// Polls until something is true, a bounded number of times. Cancelling the run ends the wait at once.
runbook('wait-until') {
    policy { timeout 10.minutes }
    step('wait for a quiet moment') {
        def busy = true
        for (int i = 0; i < 20 && busy; i++) {
            def rows = query('shore', "select count(*) as writers from pg_locks where mode = 'AccessExclusiveLock' and locktype = 'relation'")
            busy = rows[0].writers != 0
            if (busy) {
                sleep 3.seconds
            }
        }
        check('shore is quiet', !busy)
    }
}
