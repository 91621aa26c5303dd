// Drills a restore and lets it do what the application does: the file's statements in one transaction, which is rolled back.
runbook('drill-with-a-transaction') {
    param 'backup', ''                              // empty: the newest good one
    step('drill') {
        def chosen = param('backup')
        pitrDrill('shore') {
            if (chosen) backup chosen
            maxRpo 1.hour
            synthetic '../runbooks/pitr-transaction.sql'    // beside this file, or as here from it on
            amcheck false
        }
    }
}
