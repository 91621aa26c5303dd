// Lists the statements that take the most time, by pg_stat_statements, and warns of those that are slow each time.
runbook('slow-statements') {
    step('statements') {
        def slow = slowQueries('shore') {
            warn 30.seconds
            meanWarn 500.milliseconds
            except 'nightly_report*'
        }
        slow.evidence.findAll { it.kind == 'statement' }.each { log.info "${it.percentOfTime} %: ${it.statement}" }
    }
}
