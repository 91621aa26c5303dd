// Asks a question of your own in SQL, and judges the answer.
//
// Edit what is marked with EDIT, then:
//   watchkeeper validate {{name}}.groovy               finds every mistake; runs nothing
//   watchkeeper explain {{name}}.groovy                says in plain words what it will do
//   watchkeeper run {{name}}.groovy --dry-run          shows SQL, locks and rows; changes nothing
// and copy it into the folder of runbooks, where the agent loads it within two seconds.
{{note}}runbook('{{name}}') {
    description 'Judges a figure of {{database}}.'
    owner 'dba-oncall'                      // EDIT: who is told
    schedule {
        every 5.minutes                     // EDIT: how often
        jitter 10.seconds
    }
    policy {
        timeout 1.minute                    // cancelled then, on the servers too
        overlap skip                        // a run that is due while one is running is left out, and recorded
    }

    step('ask') {
        // EDIT: the question and its limits
        def rows = query('{{database}}', 'select count(*) as n from pg_stat_activity where state = ?', 'idle in transaction')
        check('transactions left open', rows[0].n) {
            warn 20
            fail 100
            remedy 'SELECT pid, application_name, xact_start FROM pg_stat_activity ORDER BY xact_start;'
        }
    }
    onFailure  { alert 'page', "{{name}}: ${error.message}" }
    onRecovery { alert 'info', '{{name}} works again' }
}
