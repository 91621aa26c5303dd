// pgBackRest makes and keeps the backups: in S3, on another host, or on this one. docs/pgbackrest.md sets it up.
runbook('shore-backup') {
    schedule { cron '0 0 2 * * ?' }
    step('archive') {
        // 'method command' lets it make the stanza and set archive_command; without, it only looks.
        walArchive('shore') {
            provider pgbackrest('main')
            method command
        }
    }
    step('back up') {
        baseBackup('shore') {
            provider pgbackrest('main')
            incremental true
            fullAfter 7.days
            checkpoint fast
        }
    }
    step('read again') {
        verifyBackups {
            database 'shore'
            provider pgbackrest('main')
        }
    }
    step('expire') {
        expireBackups {
            database 'shore'
            provider pgbackrest('main')
            keep 14.days
        }
    }
}
