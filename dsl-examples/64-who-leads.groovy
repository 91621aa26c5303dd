// Says what looks after the server's failover, and stops when that thinks another server is the primary.
runbook('who-leads') {
    step('ask') {
        def found = failoverCluster('shore')
        if (found.manager() != 'none') log.info "leader ${found.leader()} at ${found.leaderAddress()}"
        check('the failover manager answers', found.manager() == 'none' || found.leader() != '')
    }
}
