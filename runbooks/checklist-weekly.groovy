// What is worth a look once a week: which indexes nobody uses or are missing, what is bloated, which tables have grown, which statements run
// for long, and whether the settings are still what they should be. Nothing is changed.
//
// Edit here: the databases, the day and the hour (of this host's time); the limits are parameters.
runbook('checklist-weekly') {
    description 'The weekly look at indexes, tables, statements and settings, with one report.'
    owner 'dba-oncall'
    checklist weekly
    schedule {
        cron '0 0 7 ? * MON'
        jitter 10.minutes
        missed runOnce, maxAge: 3.days
    }
    policy {
        timeout 1.hour
        retry 2, 10.seconds
    }
    param 'warnAtBloatPercent', '40'
    param 'acceptSettings', ''              // known and accepted findings, as 'logConnections,dataChecksums'

    step('indexes') {
        // ship a standby of shore? Then { alsoAsk 'ship' }: what its queries use is not unused.
        for (name in ['shore', 'ship']) {
            indexAdvice(name, '*.*') { unusedFor 30.days }
        }
    }
    step('wasted space') {
        def limit = param('warnAtBloatPercent').toInteger()
        for (name in ['shore', 'ship']) {
            bloat(name, '*.*') {
                warn limit.percent
                leastBytes 8.megabytes
            }
        }
    }
    step('settings') {
        def codes = param('acceptSettings').tokenize(', ')
        for (name in ['shore', 'ship']) {
            settingsReview(name) {
                if (codes) accept codes as String[]
            }
        }
    }
    step('tables that grow') {
        for (name in ['shore', 'ship']) {
            databaseSizes(name)
            tableStatistics(name)
        }
    }
    step('indexes that are used') {
        for (name in ['shore', 'ship']) {
            indexUsage(name)
        }
    }
    step('statements') {
        for (name in ['shore', 'ship']) {
            slowQueries(name) { warn 5.minutes }
        }
    }
    step('checkpoints') {
        for (name in ['shore', 'ship']) {
            checkpoints(name)
        }
    }
    onFailure  { alert 'warning', "checklist-weekly: ${error.message}" }
    onRecovery { alert 'info', 'checklist-weekly: everything is in order again' }
}
