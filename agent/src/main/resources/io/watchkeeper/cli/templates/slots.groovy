// Drops replication slots that nobody will read again, before the log they keep fills the disk.
//
// Edit what is marked with EDIT, then:
//   watchkeeper validate {{name}}.groovy               finds every mistake; runs nothing
//   watchkeeper explain {{name}}.groovy                says in plain words what it will do
//   watchkeeper run {{name}}.groovy --dry-run          shows SQL, locks and rows; changes nothing
// and copy it into the folder of runbooks, where the agent loads it within two seconds.
{{note}}runbook('{{name}}') {
    description 'Drops the leaked replication slots of {{database}}.'
    owner 'dba-oncall'                      // EDIT: who is told
    schedule {
        every 10.minutes                    // EDIT: how often
        jitter 10.seconds
    }
    policy {
        timeout 5.minutes                   // cancelled then, on the servers too
        overlap skip                        // a run that is due while one is running is left out, and recorded
    }

    step('slots') {
        def slots = dropLeakedSlots('{{database}}') {
            inactiveFor 1.day
            retaining 10.gigabytes
            keep 'report_*'                             // EDIT: names that are never dropped
            budget 'ship_*', 50.gigabytes               // EDIT: what readers that are away for long may keep
        }
        // A slot that is gone means a reader that must be made anew: the alert says which, and how.
        if (slots.dropped()) alert 'page', slots.alertText()
    }
    onFailure  { alert 'page', "{{name}}: ${error.message}" }
    onRecovery { alert 'info', '{{name}} works again' }
}
