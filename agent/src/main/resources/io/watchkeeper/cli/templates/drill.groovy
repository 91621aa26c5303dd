// Proves that the backups restore: in a sandbox, with checks, RPO and RTO. Needs a base backup and archived log.
//
// Edit what is marked with EDIT, then:
//   watchkeeper validate {{name}}.groovy               finds every mistake; runs nothing
//   watchkeeper explain {{name}}.groovy                says in plain words what it will do
//   watchkeeper run {{name}}.groovy --dry-run          shows SQL, locks and rows; changes nothing
// and copy it into the folder of runbooks, where the agent loads it within two seconds.
{{note}}runbook('{{name}}') {
    description 'Restores the newest backup of {{database}} in a sandbox and checks what came back.'
    owner 'dba-oncall'                      // EDIT: who is told
    schedule {
        cron '0 30 4 ? * SUN'               // EDIT: Sundays at 04:30
        zone 'Etc/UTC'                      // EDIT: the zone that the times are meant in
        jitter 5.minutes                    // not all hosts at the same second
        missed runOnce, maxAge: 12.hours    // a host that slept makes up for it
    }
    policy {
        timeout 6.hours                     // cancelled then, on the servers too
        overlap skip                        // a run that is due while one is running is left out, and recorded
        lock 'drill'                        // never beside others on this host with the same lock
    }

    step('drill') {
        def result = pitrDrill('{{database}}') {
            target latest                               // or: target timestamp('2026-11-21 14:30:00+00')
            maxRpo 5.minutes                            // more may not be lost; the shipped alerts say the same
            maxRto 30.minutes                           // longer may it not take
            // EDIT: questions whose answer must be true
            check 'there are tables', "select count(*) > 0 from pg_tables where schemaname = 'public'"
            amcheck true                                // looks through every index
        }
        log.info "recovered to ${result.recoveredTo()} in ${result.rto()?.toSeconds()} s"
    }
    onFailure  { alert 'page', "{{name}}: ${error.message}" }
    onRecovery { alert 'info', '{{name}} works again' }
}
