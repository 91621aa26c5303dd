// Copies whole tables to another server, compared on both sides before they count.
//
// Edit what is marked with EDIT, then:
//   watchkeeper validate {{name}}.groovy               finds every mistake; runs nothing
//   watchkeeper explain {{name}}.groovy                says in plain words what it will do
//   watchkeeper run {{name}}.groovy --dry-run          shows SQL, locks and rows; changes nothing
// and copy it into the folder of runbooks, where the agent loads it within two seconds.
{{note}}runbook('{{name}}') {
    description 'Copies tables from {{source}} to {{target}}.'
    owner 'dba-oncall'                      // EDIT: who is told
    schedule {
        cron '0 30 2 * * ?'                 // EDIT: every day at 02:30
        zone 'Etc/UTC'                      // EDIT: the zone that the times are meant in
        jitter 5.minutes                    // not all hosts at the same second
        missed runOnce, maxAge: 12.hours    // a host that slept makes up for it
    }
    policy {
        timeout 2.hours                     // cancelled then, on the servers too
        retry 3, 30.seconds                             // attempts of a step; the wait doubles
        overlap skip                        // a run that is due while one is running is left out, and recorded
        lock 'table-io'                     // never beside others on this host with the same lock
    }

    step('copy') {
        def result = copyTables('public.*') {   // EDIT: the tables
            from '{{source}}'
            to '{{target}}'{{overwritten}}
            except 'public.scratch_*'
            // resume true                              // goes on in the middle after a lost link; see docs/copying.md
        }
        log.info "${result.rowsWritten()} rows copied"
    }
    onFailure  { alert 'page', "{{name}}: ${error.message}" }
    onRecovery { alert 'info', '{{name}} works again' }
}
