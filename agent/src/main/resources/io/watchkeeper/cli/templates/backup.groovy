// Makes a base backup of a whole cluster, with the log that makes it consistent, and verifies it.
//
// Edit what is marked with EDIT, then:
//   watchkeeper validate {{name}}.groovy               finds every mistake; runs nothing
//   watchkeeper explain {{name}}.groovy                says in plain words what it will do
//   watchkeeper run {{name}}.groovy --dry-run          shows SQL, locks and rows; changes nothing
// and copy it into the folder of runbooks, where the agent loads it within two seconds.
{{note}}runbook('{{name}}') {
    description 'Makes a base backup of {{database}} and verifies it.'
    owner 'dba-oncall'                      // EDIT: who is told
    schedule {
        cron '0 5 1 * * ?'                  // EDIT: every day at 01:05
        zone 'Etc/UTC'                      // EDIT: the zone that the times are meant in
        jitter 5.minutes                    // not all hosts at the same second
        missed runOnce, maxAge: 12.hours    // a host that slept makes up for it
    }
    policy {
        timeout 6.hours                     // cancelled then, on the servers too
        retry 3, 30.seconds                             // attempts of a step; the wait doubles
        overlap skip                        // a run that is due while one is running is left out, and recorded
        lock 'backup'                       // never beside others on this host with the same lock
    }

    step('base backup') {
        def backup = baseBackup('{{database}}') {
            checkpoint fast                             // begin at once; spread is gentler and takes minutes
            // rateLimit 50.megabytes                   // a second, where users share the disk
        }
        log.info "${backup.id()}: ${backup.bytes()} bytes"
    }
    onFailure  { alert 'page', "{{name}}: ${error.message}" }
    onRecovery { alert 'info', '{{name}} works again' }
}
