// Asks the repository, not the server: is there a good backup, how old is it, when was one last restored to prove it, and does the archive
// of the log have a gap. A ship that is away for days may have older ones.
runbook('backup-status') {
    step('backups') {
        backupStatus('shore') {
            warnOlderThan 26.hours
            failOlderThan 8.days
            drillWithin 30.days
            reportOnly true
        }
    }
}
