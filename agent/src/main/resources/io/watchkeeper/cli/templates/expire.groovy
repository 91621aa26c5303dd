// Removes backups and archived log that no rule keeps, never the last good one.
//
// Edit what is marked with EDIT, then:
//   watchkeeper validate {{name}}.groovy               finds every mistake; runs nothing
//   watchkeeper explain {{name}}.groovy                says in plain words what it will do
//   watchkeeper run {{name}}.groovy --dry-run          shows SQL, locks and rows; changes nothing
// and copy it into the folder of runbooks, where the agent loads it within two seconds.
{{note}}runbook('{{name}}') {
    description 'Removes the backups that no rule keeps any more.'
    owner 'dba-oncall'                      // EDIT: who is told
    schedule {
        cron '0 30 5 * * ?'                 // EDIT: every day at 05:30
        zone 'Etc/UTC'                      // EDIT: the zone that the times are meant in
        jitter 5.minutes                    // not all hosts at the same second
        missed runOnce, maxAge: 12.hours    // a host that slept makes up for it
    }
    policy {
        timeout 1.hour                      // cancelled then, on the servers too
        overlap skip                        // a run that is due while one is running is left out, and recorded
        lock 'backup'                       // never beside others on this host with the same lock
    }

    step('expire') {
        def result = expireBackups {
            keep 7.days                                 // EDIT: how long backups stay
            keepWal 14.days                             // and the log between them
            keepAtLeast 2                               // however old they are
        }
        log.info "${result.removed()} removed, ${result.kept()} kept"
    }
    onFailure  { alert 'page', "{{name}}: ${error.message}" }
    onRecovery { alert 'info', '{{name}} works again' }
}
