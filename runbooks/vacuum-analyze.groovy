// Vacuums what needs it most, as long as the quiet hours last: old rows before their transaction numbers run out, then dead rows where they
// are more than a tenth of a table. Renews statistics where a tenth of the rows is new, also of partitioned tables, which autovacuum never
// does. Then says who keeps VACUUM from removing rows.
//
// Autovacuum does this too, but in the middle of the day and one table late; this takes the quiet hours. VACUUM waits for nobody and blocks
// nobody: it takes SHARE UPDATE EXCLUSIVE, which lets reads and writes pass, and leaves out tables that are in use.
//
// Edit here: the databases (as in watchkeeper.yaml), the hour (of this host's time), the limits.
runbook('vacuum-analyze') {
    description 'Vacuums and analyzes the tables that need it, in the quiet hours, and says what keeps dead rows.'
    owner 'dba-oncall'
    schedule {
        cron '0 15 3 * * ?'
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
    param 'deadPercent', '10'               // dead rows, of all
    param 'ageMillions', '150'              // transactions; autovacuum freezes by force from 200 million on
    param 'changedPercent', '10'            // rows written since the last analyze, of all
    param 'budgetMinutes', '90'             // for VACUUM, on each database

    step('vacuum shore') {
        def dead = param('deadPercent').toInteger()
        def age = param('ageMillions').toLong() * 1_000_000
        def minutes = param('budgetMinutes').toInteger()
        vacuum('shore') {
            whenDeadTuples dead.percent
            whenAge age
            whenMultixactAge age
            budget minutes.minutes
            costLimit 100                   // hardly felt by users (docs/benchmarks.md); more is faster, and without it, at full speed
            skipLocked true
        }
    }
    step('vacuum ship') {
        def dead = param('deadPercent').toInteger()
        def age = param('ageMillions').toLong() * 1_000_000
        def minutes = param('budgetMinutes').toInteger()
        vacuum('ship') {
            whenDeadTuples dead.percent
            whenAge age
            whenMultixactAge age
            budget minutes.minutes
            skipLocked true
        }
    }
    step('analyze') {
        def changed = param('changedPercent').toInteger()
        analyze('shore') { whenChanged changed.percent; budget 30.minutes; skipLocked true }
        analyze('ship')  { whenChanged changed.percent; budget 30.minutes; skipLocked true }
    }
    step('what keeps dead rows') {
        xminHorizon('shore') { warn 1.hour; fail 12.hours }
    }
    onFailure  { alert 'warning', "vacuum-analyze: ${error.message}" }
    onRecovery { alert 'info', 'vacuum-analyze works again' }
}
