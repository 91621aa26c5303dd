// Measures whether the database keeps what is promised of it: 95 of 100 reads in 20 ms, 95 of 100 writes in 40 ms, less than half a percent failing.
//
// It pages when the budget of 30 days is spent so fast that two days would do (over an hour, and still so in the last five minutes), and warns when five
// days would; both are over by themselves when it is.
// Edit here: the database and the promises.
runbook('slo-watch') {
    description 'Measures reads, writes and errors against what is promised, and tells how fast the budget is spent.'
    owner 'dba-oncall'
    schedule {
        every 1.minute
        jitter 5.seconds
    }
    policy {
        timeout 45.seconds
    }
    param 'readMilliseconds', '20'
    param 'writeMilliseconds', '40'

    step('measure') {
        def read = param('readMilliseconds').toInteger()
        def write = param('writeMilliseconds').toInteger()
        def found = slo('shore') {
            readP95 read.milliseconds
            writeP95 write.milliseconds
            errors 0.5.percent
            rollbacks false                        // true where no program ends reading with a rollback
        }
        if (found.status() == 'warn') alert 'warning', found.words()
    }
    onFailure  { alert 'page', "slo-watch: ${error.message}" }
    onRecovery { alert 'info', 'slo-watch: the budget lasts again' }
}
