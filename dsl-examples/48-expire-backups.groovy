// Keeps a week of backups and two weeks of log; never fewer than three good backups of a kind.
runbook('expire-backups') {
    step('expire') {
        def result = expireBackups {
            keep 7.days
            keepDumps 30.days               // dumps are small
            keepWal 14.days
            keepAtLeast 3
        }
        log.info "${result.removed()} backups and ${result.segmentsRemoved()} segments of WAL removed"
    }
}
