// Removes dead rows where they are more than a tenth of a table, and renews the statistics of every table.
//
// Autovacuum does this too, but in the middle of the day and one table late; this takes the quiet hours. VACUUM waits for
// nobody and blocks nobody: it takes SHARE UPDATE EXCLUSIVE, which lets reads and writes pass.
//
// Edit here: the databases (as in watchkeeper.yaml), the hour.
runbook('vacuum-analyze') {
    description 'Vacuums tables with many dead rows and renews statistics, in the quiet hours.'
    owner 'dba-oncall'
    schedule {
        cron '0 15 3 * * ?'
        zone 'Asia/Seoul'
        avoid '06:00', '22:00'              // made up for later in the night, never in the day
        missed runOnce, maxAge: 2.hours
    }
    policy {
        timeout 4.hours
        overlap skip
        lock 'table-io'
    }
    guard {
        maxReplicationLag 'shore', 256.megabytes    // what a vacuum writes, standbys must replay
    }

    step('vacuum shore') {
        vacuum('shore') {
            whenDeadTuples 10.percent
            costLimit 2_000                 // pauses now and then; leave it out to go at full speed
        }
    }
    step('vacuum ship') {
        vacuum('ship') { whenDeadTuples 10.percent }
    }
    step('analyze') {
        analyze('shore')
        analyze('ship')
    }
    onFailure  { alert 'warning', "vacuum-analyze: ${error.message}" }
    onRecovery { alert 'info', 'vacuum-analyze works again' }
}
