// Ends the archive of shore's log: the receiver and its slot go, so that shore keeps no log for it. What is archived stays.
runbook('end-the-archive') {
    step('end') {
        def ended = walArchive('shore') { end true }
        log.info "${ended.segments()} segments stay in the archive"
    }
}
