// The target keeps its other rows: copied rows take the place of those with the same key, or are added; what is the same is not written.
runbook('merge-by-key') {
    step('merge') {
        def result = copyTable('public.incidents') {
            from 'shore'
            to 'ship'
            where "updated_at > now() - interval '30 days'"
            strategy merge
        }
        log.info "${result.rowsRead()} rows looked at, ${result.rowsWritten()} written"
    }
}
