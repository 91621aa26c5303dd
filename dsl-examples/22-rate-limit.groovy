// Leaves room on the link for the bridge and the crew.
runbook('rate-limit') {
    step('copy slowly') {
        copyTable('public.audit_events') {
            from 'shore'
            to 'ship'
            rateLimit 2.megabytes               // per second
        }
    }
}
