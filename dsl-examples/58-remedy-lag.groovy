// A standby that is too far behind: the cause is found, what is allowed is done and taken back, and the report tells the story.
runbook('remedy-lag') {
    step('remedy') {
        def found = remediateLag('shore') {
            alertAfter 300.seconds              // from here on something is done
            until 10.seconds                    // and here it is taken back
            allow hotStandbyFeedback, cancelConflicts
            neverCancel 'pg_dump', 'report_*'
            cancelAtMost 5
        }
        log.info "the remediation ended: ${found.ending()}"
    }
}
