// Keeps tables the same as on another server, round by round: changed rows come, deleted rows go.
//
// Edit what is marked with EDIT, then:
//   watchkeeper validate {{name}}.groovy               finds every mistake; runs nothing
//   watchkeeper explain {{name}}.groovy                says in plain words what it will do
//   watchkeeper run {{name}}.groovy --dry-run          shows SQL, locks and rows; changes nothing
// and copy it into the folder of runbooks, where the agent loads it within two seconds.
{{note}}runbook('{{name}}') {
    description 'Keeps the tables of {{target}} the same as those of {{source}}.'
    owner 'dba-oncall'                      // EDIT: who is told
    schedule {
        every 15.minutes                    // EDIT: how often
        jitter 10.seconds
        // avoid '08:00', '18:00', MON..FRI // no start in these hours
    }
    policy {
        timeout 2.hours                     // cancelled then, on the servers too
        retry 3, 30.seconds                             // attempts of a step; the wait doubles
        overlap skip                        // a run that is due while one is running is left out, and recorded
        lock 'table-io'                     // never beside others on this host with the same lock
    }

    step('bring what changed') {
        def result = syncTables('public.*') {   // EDIT: the tables; 'schema.*', 'schema.table', several
            from '{{source}}'
            to '{{target}}'{{overwritten}}
            except 'public.scratch_*'                   // tables that stay the target's own
            maxDeletes 20.percent                       // a table that would lose more is left alone, and the run fails
            // rateLimit 2.megabytes                    // a second, for a link that others need too
        }
        log.info "${result.rowsWritten()} rows changed, ${result.rowsDeleted()} deleted"
    }
    onFailure  { alert 'page', "{{name}}: ${error.message}" }
    onRecovery { alert 'info', '{{name}} works again' }
}
