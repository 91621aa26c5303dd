// Readers go on with the old table until the new one is filled, indexed and verified; they wait for the moment of the swap only.
runbook('swap-while-readers-read') {
    step('swap') {
        copyTable('public.audit_events') {
            from 'shore'
            to 'ship'
            strategy swap
        }
    }
}
