// Copies whole tables from shore to ship, every night, and verifies each of them.
//
// Edit here: the names of the two databases (as in watchkeeper.yaml), the tables, the hour (of this host's time). Let the ship pull, so that
// only it needs a way to the other end: remove the slashes before 'role' when this folder is shared between hosts.
runbook('fleet-copy') {
    description 'Copies the fleet tables from shore to ship and verifies them.'
    owner 'dba-oncall'
    // role 'ship'
    schedule {
        cron '0 30 2 * * ?'
        jitter 5.minutes                    // a fleet of ships does not knock at the same second
        missed runOnce, maxAge: 6.hours     // down at 02:30, up at 05:00: copy then; up at noon: wait for the next night
    }
    policy {
        timeout 2.hours
        retry 3, 30.seconds
        overlap skip
        lock 'table-io'                     // never beside another runbook that moves or rewrites tables
    }
    param 'tables', 'public.*'

    step('copy') {
        copyTables(param('tables')) {
            from 'shore'
            to 'ship'
            verify true                     // row counts and digests of both ends, after each table
        }
    }
    step('analyze') {
        analyze('ship')                     // fresh statistics, so that the first query aboard is not the slow one
    }
    onFailure  { alert 'page', "fleet-copy: ${error.message}" }
    onRecovery { alert 'info', 'fleet-copy works again' }
}
