// Two runbooks with the same lock never run at once on a host; the second waits for the first. 'overlap' is about
// runs of this very runbook: skip (the default) records that it was still busy, queue waits, replace cancels the old run.
runbook('locks-and-overlap') {
    policy {
        lock 'table-io'
        overlap queue
    }
    step('move rows') {
        copyTable('public.audit_events') {
            from 'shore'
            to 'ship'
        }
    }
}
