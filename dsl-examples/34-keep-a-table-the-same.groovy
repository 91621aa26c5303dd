// One round: what was written on the source since the last one comes, what was deleted there goes. Run it as often as you like.
runbook('keep-a-table-the-same') {
    step('round') {
        def result = syncTable('public.documents') {
            from 'shore'
            to 'ship'
            mode auto                       // the result says which it was, and why
        }
        log.info "${result.rowsWritten()} rows changed, ${result.rowsDeleted()} deleted; ${result.mode()}: ${result.reason()}"
        if (result.rowsWritten() > 0) analyze('ship', 'public.documents')
    }
}
