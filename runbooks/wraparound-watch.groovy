// Warns long before transaction ids or sequences run out. Either stops all writes, and neither can be mended in a hurry.
//
// Figures are kept, so that it also tells when they run out at the present rate. Edit here: the databases.
runbook('wraparound-watch') {
    description 'Warns long before transaction ids or sequences run out.'
    owner 'dba-oncall'
    schedule {
        every 6.hours
        jitter 5.minutes
        missed runOnce, maxAge: 1.day
    }
    policy {
        timeout 2.minutes
        retry 3, 30.seconds
    }

    step('transaction ids') {
        for (name in ['shore', 'ship']) {
            wraparound(name) {
                warn 30.percent                     // autovacuum freezes at 10 when it is left alone
                fail 60.percent
            }
        }
    }
    step('sequences') {
        for (name in ['shore', 'ship']) {
            sequences(name) {
                warn 50.percent
                fail 90.percent
            }
        }
    }
    onFailure  { alert 'page', "wraparound-watch: ${error.message}" }
    onRecovery { alert 'info', 'wraparound-watch: there is room again' }
}
