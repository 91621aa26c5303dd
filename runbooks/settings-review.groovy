// Compares the settings of both servers with what servers with data that matters should have, once a week: memory, write-ahead log,
// autovacuum, logging, durability, lines of postgresql.conf that cannot be read, changes that wait for a restart, and who may log in how.
// Each finding comes with the line that mends it and whether that needs a reload or a restart. Nothing is changed.
//
// The databases' role needs pg_monitor, and SELECT on pg_file_settings and pg_hba_file_rules; where a right is missing the run says which.
// Edit here: the databases. What is known and accepted goes into accept, as codes separated by commas; for servers on other hosts say how much
// memory they have.
runbook('settings-review') {
    description 'Compares the settings of both servers with the recommendation once a week.'
    owner 'dba-oncall'
    schedule {
        cron '0 30 6 ? * MON'
        jitter 5.minutes
        missed runOnce, maxAge: 3.days
    }
    policy {
        timeout 5.minutes
        retry 3, 30.seconds
    }
    param 'accept', ''                      // as 'logConnections,dataChecksums'
    param 'memoryGigabytes', ''             // empty: what this host has, for servers on it

    step('settings') {
        def codes = param('accept').tokenize(', ')
        def gigabytes = param('memoryGigabytes')
        for (name in ['shore', 'ship']) {
            settingsReview(name) {
                if (codes) accept codes as String[]
                if (gigabytes) memory gigabytes.toInteger().gigabytes
            }
        }
    }
    onFailure  { alert 'warning', "settings-review: ${error.message}" }
    onRecovery { alert 'info', 'settings-review: nothing must be mended any more' }
}
