// A checklist: all items are done, also after one that fails, and a report says what to do now.
//
// Edit what is marked with EDIT, then:
//   watchkeeper validate {{name}}.groovy               finds every mistake; runs nothing
//   watchkeeper explain {{name}}.groovy                says in plain words what it will do
//   watchkeeper run {{name}}.groovy --dry-run          shows SQL, locks and rows; changes nothing
// and copy it into the folder of runbooks, where the agent loads it within two seconds.
{{note}}runbook('{{name}}') {
    description 'The daily look at {{database}}.'
    owner 'dba-oncall'                      // EDIT: who is told
    schedule {
        cron '0 30 6 * * ?'                 // EDIT: every day at 06:30
        zone 'Etc/UTC'                      // EDIT: the zone that the times are meant in
        jitter 5.minutes                    // not all hosts at the same second
        missed runOnce, maxAge: 12.hours    // a host that slept makes up for it
    }
    policy {
        timeout 1.hour                      // cancelled then, on the servers too
        overlap skip                        // a run that is due while one is running is left out, and recorded
    }
    checklist daily

    step('backups') {
        backupStatus('{{database}}')
    }
    step('connections') {
        connections('{{database}}') { warn 80.percent; fail 95.percent }
    }
    step('waits for locks') {
        lockWaits('{{database}}') { warn 30.seconds; fail 5.minutes }
    }
    step('numbers that run out') {
        wraparound('{{database}}') { warn 30.percent; fail 60.percent }
        sequences('{{database}}') { warn 70.percent; fail 90.percent }
    }
    step('answers from memory') {
        cacheHitRatio('{{database}}') { warn 90.percent }
    }
    onFailure  { alert 'page', "{{name}}: ${error.message}" }
    onRecovery { alert 'info', '{{name}} works again' }
}
