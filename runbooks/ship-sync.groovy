// Keeps the fleet tables aboard the same as ashore, every 15 minutes: rows that were written ashore come, rows that were deleted go.
//
// The ship pulls, so that only it needs a way to the other end. A round that is lost to the link is made up for by the next.
// Edit here: the names of the two databases (as in watchkeeper.yaml), the tables, how often. docs/syncing.md says what is guaranteed.
runbook('ship-sync') {
    description 'Brings what changed ashore aboard, deletions included.'
    owner 'dba-oncall'
    role 'ship'
    schedule {
        cron '0 0/15 * * * ?'
        jitter 60.seconds                   // a fleet of ships does not knock at the same second
        missed runOnce, maxAge: 1.hour      // one round brings all that was missed
    }
    policy {
        timeout 2.hours                     // a backlog of days over a slow link takes its time; rounds due meanwhile are skipped
        retry 3, 30.seconds
        overlap skip
        lock 'table-io'                     // never beside another runbook that moves or rewrites tables
    }
    guard {
        minFreeDisk '/', 2.percent
    }
    param 'tables', 'public.*'
    param 'except', 'public.scratch_*'      // tables that stay the ship's own
    param 'maxDeletesPercent', '20'         // a table that would lose more is left alone, and the run fails
    param 'rateLimitMegabytes', '0'         // per second; 0 for as fast as it goes

    step('bring what changed') {
        def leftOut = param('except')
        def brake = param('maxDeletesPercent').toInteger()
        def rate = param('rateLimitMegabytes').toInteger()
        def result = syncTables(param('tables')) {
            from 'shore'
            to 'ship'
            except leftOut
            maxDeletes brake.percent
            if (rate > 0) rateLimit rate.megabytes
        }
        log.info "${result.rowsWritten()} rows changed, ${result.rowsDeleted()} deleted"
    }
    onFailure  { alert 'page', "ship-sync: ${error.message}" }
    onRecovery { alert 'info', 'ship-sync works again' }
}
