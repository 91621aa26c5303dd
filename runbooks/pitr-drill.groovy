// Proves every week that the backups restore: brings the newest one back in a sandbox, recovers everything that is archived, looks
// through every index, asks the questions below, and measures what was lost and how long it took. The run's report shows it all.
//
// To drill to a moment instead:  watchkeeper run pitr-drill -P to='2026-11-21 14:30:00+00'
// Edit here: the database (as in watchkeeper.yaml), the hour (of this host's time), the checks, and pitr-transaction.sql beside this file.
runbook('pitr-drill') {
    description 'Restores the newest base backup into a sandbox, recovers it, and checks what came back.'
    owner 'dba-oncall'
    role 'primary'
    schedule {
        cron '0 30 4 ? * SUN'
        jitter 10.minutes
        missed runOnce, maxAge: 2.days
    }
    policy {
        timeout 6.hours
        overlap skip
        lock 'pitr-drill'
    }
    param 'to', 'latest'                    // latest, or a time: '2026-11-21 14:30:00+00', '30 seconds ago'

    step('drill') {
        def to = param('to')
        def result = pitrDrill('shore') {
            if (to == 'latest') target latest
            if (to != 'latest') target timestamp(to)
            maxRpo 5.minutes
            maxRto 30.minutes
            check 'there are tables', "select count(*) > 0 from pg_tables where schemaname = 'public'"
            synthetic 'pitr-transaction.sql'
            amcheck true
        }
        log.info "recovered to ${result.recoveredTo()}"
    }
    onFailure  { alert 'page', "pitr-drill: ${error.message}" }
    onRecovery { alert 'info', 'pitr-drill: the backups restore again' }
}
