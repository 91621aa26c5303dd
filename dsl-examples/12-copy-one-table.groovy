// Replaces one table aboard with the one ashore: streamed from server to server, no file between. The old rows stay
// visible until the new ones are complete and verified; a failure leaves them as they were.
runbook('copy-one-table') {
    step('copy') {
        def result = copyTable('public.audit_events') {
            from 'shore'
            to 'ship'
            verify true
        }
        log.info "${result.rowsWritten()} rows"
    }
}
