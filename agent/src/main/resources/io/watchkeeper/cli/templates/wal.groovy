// Archives the write-ahead log, so that backups can be brought to any moment.
//
// Edit what is marked with EDIT, then:
//   watchkeeper validate {{name}}.groovy               finds every mistake; runs nothing
//   watchkeeper explain {{name}}.groovy                says in plain words what it will do
//   watchkeeper run {{name}}.groovy --dry-run          shows SQL, locks and rows; changes nothing
// and copy it into the folder of runbooks, where the agent loads it within two seconds.
{{note}}runbook('{{name}}') {
    description 'Archives the write-ahead log of {{database}}.'
    owner 'dba-oncall'                      // EDIT: who is told
    schedule {
        every 1.minute                      // EDIT: how often
        jitter 10.seconds
    }
    policy {
        timeout 10.minutes                  // cancelled then, on the servers too
        overlap skip                        // a run that is due while one is running is left out, and recorded
    }

    step('archive') {
        walArchive('{{database}}') {
            maxRetained 16.gigabytes                    // fails before the server's disk is full of log that waits
        }
    }
    onFailure  { alert 'page', "{{name}}: ${error.message}" }
    onRecovery { alert 'info', '{{name}} works again' }
}
