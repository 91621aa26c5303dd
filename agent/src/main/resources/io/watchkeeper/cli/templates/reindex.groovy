// Builds bloated indexes anew beside the old ones, the worst first.
//
// Edit what is marked with EDIT, then:
//   watchkeeper validate {{name}}.groovy               finds every mistake; runs nothing
//   watchkeeper explain {{name}}.groovy                says in plain words what it will do
//   watchkeeper run {{name}}.groovy --dry-run          shows SQL, locks and rows; changes nothing
// and copy it into the folder of runbooks, where the agent loads it within two seconds.
{{note}}runbook('{{name}}') {
    description 'Builds the bloated indexes of {{database}} anew.'
    owner 'dba-oncall'                      // EDIT: who is told
    schedule {
        cron '0 45 3 ? * SUN'               // EDIT: Sundays at 03:45
        zone 'Etc/UTC'                      // EDIT: the zone that the times are meant in
        jitter 5.minutes                    // not all hosts at the same second
        missed runOnce, maxAge: 12.hours    // a host that slept makes up for it
    }
    policy {
        timeout 4.hours                     // cancelled then, on the servers too
        overlap skip                        // a run that is due while one is running is left out, and recorded
        lock 'table-io'                     // never beside others on this host with the same lock
    }

    step('reindex') {
        reindex('{{database}}', 'public.*') {   // EDIT: the tables
            whenBloat 30.percent
            budget 2.hours                              // no index is begun after that
        }
    }
    onFailure  { alert 'page', "{{name}}: ${error.message}" }
    onRecovery { alert 'info', '{{name}} works again' }
}
