// What must hold before anything is done. When it does not, the run is skipped, exit status 3, and says which and why.
runbook('guards') {
    guard {
        maxReplicationLag 'shore', 64.megabytes
        minFreeDisk '/', 1.percent
    }
    step('write a lot') {
        vacuum('shore', 'public.incidents')
    }
}
