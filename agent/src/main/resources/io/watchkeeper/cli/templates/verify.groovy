// Compares tables with those of another server, and names every row that differs.
//
// Edit what is marked with EDIT, then:
//   watchkeeper validate {{name}}.groovy               finds every mistake; runs nothing
//   watchkeeper explain {{name}}.groovy                says in plain words what it will do
//   watchkeeper run {{name}}.groovy --dry-run          shows SQL, locks and rows; changes nothing
// and copy it into the folder of runbooks, where the agent loads it within two seconds.
{{note}}runbook('{{name}}') {
    description 'Compares the tables of {{source}} and {{target}}.'
    owner 'dba-oncall'                      // EDIT: who is told
    schedule {
        cron '0 0 4 * * ?'                  // EDIT: every day at 04:00
        zone 'Etc/UTC'                      // EDIT: the zone that the times are meant in
        jitter 5.minutes                    // not all hosts at the same second
        missed runOnce, maxAge: 12.hours    // a host that slept makes up for it
    }
    policy {
        timeout 2.hours                     // cancelled then, on the servers too
        overlap skip                        // a run that is due while one is running is left out, and recorded
        lock 'table-io'                     // never beside others on this host with the same lock
    }

    step('compare') {
        def result = verifyTables('public.*') {   // EDIT: the tables
            from '{{source}}'
            to '{{target}}'
            except 'public.scratch_*'
            repair plan                                 // none, plan: list what would be repaired, apply: do it
        }
        log.info "${result.differences()} rows differ"
    }
    onFailure  { alert 'page', "{{name}}: ${error.message}" }
    onRecovery { alert 'info', '{{name}} works again' }
}
