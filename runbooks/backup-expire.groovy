// Removes backups and archived log that no rule keeps, once a day, after the night's backups.
//
// What always stays: the last good backups of a kind, held ones (watchkeeper backup hold ID --reason …), what a drill or a restore reads,
// and what a backup that stays builds on or needs of the log. To see what would go, and why:
//     watchkeeper run backup-expire --dry-run
// Edit here: for how long, and the hour (of this host's time).
runbook('backup-expire') {
    description 'Removes backups and archived WAL that no rule keeps any more.'
    owner 'dba-oncall'
    role 'primary'
    schedule {
        cron '0 30 5 * * ?'
        jitter 5.minutes
        missed runOnce, maxAge: 20.hours
    }
    policy {
        timeout 2.hours
        retry 3, 10.minutes
        overlap skip
        lock 'backup'                       // it waits for a backup that is just being made
    }
    param 'keepDumpDays', '14'
    param 'keepBaseBackupDays', '7'
    param 'keepWalDays', '14'
    param 'keepAtLeast', '2'

    step('expire') {
        def dumps = param('keepDumpDays').toInteger()
        def bases = param('keepBaseBackupDays').toInteger()
        def wal = param('keepWalDays').toInteger()
        def least = param('keepAtLeast').toInteger()
        def result = expireBackups {
            keepDumps dumps.days
            keepBaseBackups bases.days
            keepWal wal.days
            keepAtLeast least
        }
        log.info "${result.removed()} backups removed, ${result.kept()} stay"
    }
    onFailure  { alert 'warning', "backup-expire: ${error.message}" }
    onRecovery { alert 'info', 'backup-expire works again' }
}
