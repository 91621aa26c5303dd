// Tells when a table or an index has been a quarter empty, or a table's rows a tenth dead, for an hour.
//
// It only looks: by pgstattuple where it is installed, else as statistics estimate. vacuum-analyze and reindex-weekly mend it; what this
// tells of is what they and autovacuum do not come to grips with.
//
// Edit here: the databases (as in watchkeeper.yaml) and the limits.
runbook('bloat-watch') {
    description 'Tells when tables or indexes have been bloated for an hour.'
    owner 'dba-oncall'
    role 'primary'
    schedule {
        every 20.minutes
        jitter 1.minute
        missed skip
    }
    policy {
        timeout 5.minutes
        overlap skip
    }

    step('look') {
        def found = bloat('shore', '*.*') {
            warn 25.percent
            deadTuples 10.percent
            lasting 1.hour
            leastBytes 8.megabytes
        }
        if (found.status() != 'ok') alert 'T1', found.words()
    }
    onFailure  { alert 'warning', "bloat-watch: ${error.message}" }
    onRecovery { alert 'info', 'bloat-watch works again' }
}
