// Watches how far standbys and subscribers are behind, finds out why, and does what is allowed about it.
//
// Edit what is marked with EDIT, then:
//   watchkeeper validate {{name}}.groovy               finds every mistake; runs nothing
//   watchkeeper explain {{name}}.groovy                says in plain words what it will do
//   watchkeeper run {{name}}.groovy --dry-run          shows SQL, locks and rows; changes nothing
// and copy it into the folder of runbooks, where the agent loads it within two seconds.
{{note}}runbook('{{name}}') {
    description 'Watches and remedies replication lag of {{database}}.'
    owner 'dba-oncall'                      // EDIT: who is told
    schedule {
        every 1.minute                      // EDIT: how often
        jitter 10.seconds
    }
    policy {
        timeout 40.minutes                  // cancelled then, on the servers too
        overlap skip                        // a run that is due while one is running is left out, and recorded
    }

    // First, because a step that fails is the last one: what is told of below would not be remedied.
    step('remedy') {
        remediateLag('{{database}}') {
            alertAfter 300.seconds                      // from here on something is done
            until 10.seconds                            // and here it is taken back
            deadline 30.minutes
            allow hotStandbyFeedback, costLimit         // EDIT: what may be done; see docs/lag-remedies.md
        }
    }
    step('how far behind') {
        replicationLag('{{database}}') {    // the primary
            alertAfter 10.minutes                       // EDIT: fails from here on
        }
    }
    onFailure  { alert 'page', "{{name}}: ${error.message}" }
    onRecovery { alert 'info', '{{name}} works again' }
}
