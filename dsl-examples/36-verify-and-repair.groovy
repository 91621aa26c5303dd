// Compares both ends without moving rows, repairs what differs, and compares that again.
runbook('verify-and-repair') {
    step('compare') {
        def result = verifyTable('public.tenants') {
            from 'shore'
            to 'ship'
            by checksum
            repair apply
            maxDeletes 10.percent           // more than that, and nothing is changed
            onMismatch report               // what is left in the end is a warning, no failure
        }
        log.info "${result.found()} rows differed, ${result.differences()} still do"
    }
}
