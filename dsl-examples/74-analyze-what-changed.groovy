// Renews statistics where a tenth of the rows is new. Of partitioned tables, which autovacuum never analyzes, this is the only thing that
// does.
runbook('analyze-what-changed') {
    step('analyze') {
        def result = analyze('shore', 'public.*') {
            whenChanged 10.percent
            budget 10.minutes
            skipLocked true
        }
        log.info result.words()
    }
}
