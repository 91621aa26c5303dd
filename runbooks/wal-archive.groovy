// Archives the primary's write-ahead log as it is written: with a base backup it leads to any moment until now.
//
// The agent's receiver goes on between the runs; each run sees to it that it does, waits until the archive has everything, and fails
// when it is behind, has a gap, or fills the primary's disk or the repository's. After a gap: make a base backup.
// Edit here: the database (as in watchkeeper.yaml), the limits. To end it and give the primary its slot back: -P end=true on the agent.
runbook('wal-archive') {
    description 'Keeps the log of shore in the repository, less than a second behind.'
    owner 'dba-oncall'
    role 'primary'
    schedule {
        every 1.minute
        missed runOnce, maxAge: 1.hour
    }
    policy {
        timeout 5.minutes
        retry 2, 10.seconds
        overlap skip
    }
    param 'maxRetainedGigabytes', '16'      // of log on the primary's disk, before the run fails
    param 'minFreeMegabytes', '256'         // in the repository; with less nothing is received
    param 'end', 'false'

    step('archive') {
        def most = param('maxRetainedGigabytes').toInteger()
        def least = param('minFreeMegabytes').toInteger()
        def over = param('end') == 'true'
        def archive = walArchive('shore') {
            maxRetained most.gigabytes
            minFree least.megabytes
            end over
        }
        log.info "recoverable to ${archive.recoverableTo()}, ${archive.lag()} behind"
    }
    onFailure  { alert 'page', "wal-archive: ${error.message}" }
    onRecovery { alert 'info', 'wal-archive: the log is archived again' }
}
