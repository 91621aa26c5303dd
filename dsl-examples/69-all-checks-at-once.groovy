// All checks of one server in one step: each is made and recorded, and the step fails at its end if one of them does.
runbook('all-checks-at-once') {
    step('server') {
        connections('shore')
        lockWaits('shore')
        slowQueries('shore')
        databaseSizes('shore')
        diskSpace('shore') { fail 2.percent }
        tableStatistics('shore')
        indexUsage('shore')
        cacheHitRatio('shore') { warn 95.percent }
        checkpoints('shore')
        archiver('shore')
        replicationConflicts('ship')
        wraparound('shore')
        sequences('shore') { warn 70.percent; fail 95.percent }
    }
}
