// Two tables at a time, the largest first, and together never more than the link may carry.
runbook('several-tables-at-once') {
    step('copy the fleet') {
        copyTables('public.*') {
            from 'shore'
            to 'ship'
            workers 2
            rateLimit 50.megabytes              // per second, of all of them together
        }
    }
}
