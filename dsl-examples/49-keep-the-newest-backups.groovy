// Keeps the five newest good backups of each kind, however old they are.
runbook('keep-the-newest-backups') {
    step('expire') {
        expireBackups {
            keepLast 5
            database 'shore'
        }
    }
}
