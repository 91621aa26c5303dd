// Said while the copy hangs, not after it; over when a later run succeeds within the limits.
runbook('alert-when-a-copy-is-slow') {
    step('copy') {
        copyTables('public.*') {
            from 'shore'
            to 'ship'
            alertWhen('warning') {
                slowerThan 100                  // rows per second
                longerThan verify, 5.minutes    // one stage of it
                moreThan 5.gigabytes            // of one table
            }
            alertWhen('page') { longerThan 1.hour }
        }
    }
}
