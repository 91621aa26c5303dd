// Reads all backups and the archived log again, a part each night, and compares every file with its hash. A flipped bit, a missing file
// or a missing segment is found here and not on the day the backup is needed.
//
// What is damaged is marked (watchkeeper backup list), no longer counts as a backup, and pages. To read all of it now:
//     watchkeeper backup verify
// Edit here: how fast, for how long, the hour (of this host's time).
runbook('backup-verify') {
    description 'Reads backups and archived WAL again and finds what is damaged.'
    owner 'dba-oncall'
    role 'primary'
    schedule {
        cron '0 0 6 * * ?'
        jitter 5.minutes
        missed runOnce, maxAge: 20.hours
    }
    policy {
        timeout 8.hours
        overlap skip
    }
    param 'megabytesPerSecond', '50'        // so that the disk has time for others
    param 'hours', '4'                      // what there is no time for comes first the next night

    step('read again') {
        def rate = param('megabytesPerSecond').toInteger()
        def time = param('hours').toInteger()
        def result = verifyBackups {
            rateLimit rate.megabytes
            atMost time.hours
        }
        log.info "${result.verified()} backups and ${result.walFiles()} files of WAL are as they were written"
    }
    onFailure  { alert 'page', "backup-verify: ${error.message}" }
    onRecovery { alert 'info', 'backup-verify: everything that was read is as it was written' }
}
