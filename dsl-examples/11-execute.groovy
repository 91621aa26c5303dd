// Changes rows, in a transaction of its own, and says how many. In a dry run it is only described.
runbook('execute') {
    step('close what nobody touched for a year') {
        def result = execute('shore', """
            update incidents set state = 'resolved', updated_at = now(), row_ver = row_ver + 1
            where state = 'open' and updated_at < now() - ?::interval
        """, '1 year')
        log.info "${result.rowsWritten()} incidents closed"
    }
}
