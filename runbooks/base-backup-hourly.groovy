// Makes a base backup of the shore every hour. With the archived log (see wal-archive) it leads to any later moment.
//
// What arrived is compared with the checksums that the server sends along, and a backup that differs does not count. It is in the
// repository that the configuration names (backups.repository); backup-expire decides how long it stays.
//
// Edit here: the database (as in watchkeeper.yaml), the compression, the rate. On PostgreSQL 17 and newer, with summarize_wal on,
//     -P incremental=true    makes one whole backup a day, and brings only what changed in the hours between.
runbook('base-backup-hourly') {
    description 'Makes a base backup of the shore cluster, and verifies it.'
    owner 'dba-oncall'
    role 'primary'
    schedule {
        cron '0 5 * * * ?'
        jitter 2.minutes
        missed runOnce, maxAge: 1.hour
    }
    policy {
        timeout 3.hours
        retry 3, 2.minutes                  // a backup that failed has left nothing, so the next one begins anew
        overlap skip
        lock 'backup'                       // dumps and base backups of this host take turns
    }
    param 'checkpoint', 'fast'              // spread: gentler on the disks, begins minutes later
    param 'incremental', 'false'
    param 'compress', 'no'                  // yes: smaller, but no longer what pg_verifybackup reads, and longer to restore

    step('base backup') {
        def wanted = param('checkpoint')
        def onlyChanges = param('incremental') == 'true'
        def small = param('compress') == 'yes'
        check("param 'checkpoint' is fast or spread", wanted in ['fast', 'spread'])
        def backup = baseBackup('shore') {
            if (small) compress gzip, 1     // lz4 and zstd are faster, where server and tools have them
            rateLimit 200.megabytes         // leaves the disks to those who work
            if (wanted == 'fast') checkpoint fast
            incremental onlyChanges
            fullAfter 1.day
        }
        log.info "${backup.id()}: ${backup.bytes()} bytes, verified ${backup.verified()}"
    }
    onFailure  { alert 'page', "base-backup-hourly: ${error.message}" }
    onRecovery { alert 'info', 'base-backup-hourly: base backups are made again' }
}
