// Proves every night that the tables aboard are the same as ashore, row by row. Digests cross the link, rows do not.
//
// A difference fails the run; its report names the keys and has the statements that would repair them. To repair:
//     watchkeeper run integrity-verify -P repair=apply
// Edit here: the names of the two databases (as in watchkeeper.yaml), the tables, the hour (of this host's time).
runbook('integrity-verify') {
    description 'Compares the fleet tables of shore and ship, and reports every row that differs.'
    owner 'dba-oncall'
    schedule {
        cron '0 0 4 * * ?'
        jitter 5.minutes
        missed runOnce, maxAge: 12.hours
    }
    policy {
        timeout 4.hours
        retry 3, 1.minute                   // it goes on where it was; differences are no reason to try again
        overlap skip
        lock 'table-io'                     // rows that a copy is just bringing would look like differences
    }
    param 'tables', 'public.*'
    param 'except', 'public.scratch_*'
    param 'samplePercent', '100'            // less than all for very large tables; chosen anew each time
    param 'repair', 'plan'                  // none, plan: write the statements down, apply: make the ship's rows as the shore's
    param 'maxDeletesPercent', '20'         // a repair that would delete more of a table changes nothing

    step('compare') {
        def leftOut = param('except')
        def share = param('samplePercent').toBigDecimal()
        def brake = param('maxDeletesPercent').toInteger()
        def wanted = param('repair')
        check("param 'repair' is none, plan or apply", wanted in ['none', 'plan', 'apply'])
        def result = verifyTables(param('tables')) {
            from 'shore'
            to 'ship'
            except leftOut
            if (share < 100) sample share.percent
            if (wanted == 'plan') repair plan
            if (wanted == 'apply') repair apply
            maxDeletes brake.percent
        }
        log.info "${result.results().size()} tables compared, ${result.differences()} differences"
    }
    onFailure  { alert 'page', "integrity-verify: ${error.message}" }
    onRecovery { alert 'info', 'integrity-verify: the tables are the same again' }
}
