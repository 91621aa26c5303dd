// Bring a schema up to a change of a Sqitch plan: judged first, change by change, and taken back as a whole when one fails.
runbook('migrate-a-schema') {
    description 'Adds the table of notices.'
    policy { timeout 10.minutes }

    step('bring the schema up to date') {
        def result = migrate('shore') {
            project 'migrations'        // a folder with sqitch.plan, beside this file
            to 'notices_region'         // a change or a @tag of the plan
            lockTimeout 500.milliseconds
            maxLag 64.megabytes
        }
        log.info "${result.changes().size()} changes deployed"
    }
}
