// Vacuums what needs it most while the quiet hours last, and renews statistics.
//
// Edit what is marked with EDIT, then:
//   watchkeeper validate {{name}}.groovy               finds every mistake; runs nothing
//   watchkeeper explain {{name}}.groovy                says in plain words what it will do
//   watchkeeper run {{name}}.groovy --dry-run          shows SQL, locks and rows; changes nothing
// and copy it into the folder of runbooks, where the agent loads it within two seconds.
{{note}}runbook('{{name}}') {
    description 'Vacuums and analyzes the tables of {{database}} that need it.'
    owner 'dba-oncall'                      // EDIT: who is told
    schedule {
        cron '0 15 3 * * ?'                 // EDIT: every day at 03:15
        zone 'Etc/UTC'                      // EDIT: the zone that the times are meant in
        jitter 5.minutes                    // not all hosts at the same second
        missed runOnce, maxAge: 12.hours    // a host that slept makes up for it
    }
    policy {
        timeout 4.hours                     // cancelled then, on the servers too
        overlap skip                        // a run that is due while one is running is left out, and recorded
        lock 'table-io'                     // never beside others on this host with the same lock
    }

    step('vacuum') {
        vacuum('{{database}}') {
            whenDeadTuples 10.percent                   // of a table's rows
            whenAge 150_000_000                         // transactions; before autovacuum has to freeze
            budget 90.minutes                           // the largest need first, and no longer than this
            costLimit 200                               // gentle; without it, at full speed
            skipLocked true                             // tables in use are left out, and named
        }
    }
    step('analyze') {
        analyze('{{database}}') { whenChanged 10.percent; budget 30.minutes; skipLocked true }
    }
    step('what keeps dead rows') {
        xminHorizon('{{database}}') { warn 1.hour; fail 12.hours }
    }
    onFailure  { alert 'page', "{{name}}: ${error.message}" }
    onRecovery { alert 'info', '{{name}} works again' }
}
