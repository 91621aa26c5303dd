// Keeps the write-ahead log of shore's cluster as it is written. In the daemon the receiver goes on between the runs, which look after it.
runbook('archive-the-log') {
    schedule {
        every 1.minute
    }
    step('archive') {
        def archive = walArchive('shore') {
            compress gzip
            maxRetained 4.gigabytes             // more than this on shore's disk fails the run
            minFree 16.megabytes                // less than this in the repository, and nothing is received
        }
        log.info "recoverable to ${archive.recoverableTo()}, ${archive.lag()} behind, ${archive.segments()} segments"
    }
    onFailure { alert 'page', "the log of shore: ${error.message}" }
}
