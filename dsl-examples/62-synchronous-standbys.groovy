// Lets commits wait for a standby, and only ever for one that streams: a commit is tried, and the setting put back when it hangs.
runbook('synchronous-standbys') {
    param 'standbys', ''                            // as 'ship_7,ship_8'; empty: nothing is changed, only looked at
    step('look or change') {
        def names = param('standbys').tokenize(',')
        synchronousStandbys('shore') {
            if (names) set any(1, names as String[])
            within 5.seconds
        }
    }
}
