// The look at the databases that somebody takes every morning, done by itself: disks and sizes, connections, locks, statements, numbers that
// run out, indexes that are there twice. What may be mended without asking is mended: missing monthly partitions are made, dead
// rows removed.
//
// An item that fails does not keep the later ones from being done. The report says what to do now, with the lines that do it: on the page,
// with 'watchkeeper checklist daily', and by mail where mail is configured. See docs/checklists.md.
// Edit here: the databases, the hour (of this host's time); the limits are parameters.
runbook('checklist-daily') {
    description 'The daily look at the databases, with one report: what to do now, what was mended, how things develop.'
    owner 'dba-oncall'
    checklist daily
    schedule {
        cron '0 30 6 * * ?'
        jitter 5.minutes
        missed runOnce, maxAge: 12.hours
    }
    policy {
        timeout 1.hour
        retry 2, 10.seconds
        lock 'table-io'
    }
    param 'failAtConnectionsPercent', '95'
    param 'failAtIdleSeconds', '3600'
    param 'failAtLockWaitSeconds', '300'
    param 'failAtFreePercent', '5'

    step('backups') {
        backupStatus('shore')
    }
    step('disks and sizes') {
        def limit = param('failAtFreePercent').toInteger()
        for (name in ['shore', 'ship']) {
            diskSpace(name) {
                warn 15.percent                        // free
                fail limit.percent
            }
            databaseSizes(name) {
                warn 30.days                           // until the disk is full, as the databases grow
                fail 7.days
            }
        }
    }
    step('connections') {
        def limit = param('failAtConnectionsPercent').toInteger()
        def open = param('failAtIdleSeconds').toInteger()
        for (name in ['shore', 'ship']) {
            connections(name) {
                warn 80.percent
                fail limit.percent
                transactionWarn Math.min(600, open).seconds
                transactionFail open.seconds           // it keeps VACUUM from removing rows
            }
        }
    }
    step('waits for locks') {
        def limit = param('failAtLockWaitSeconds').toInteger()
        for (name in ['shore', 'ship']) {
            lockWaits(name) {
                warn 30.seconds
                fail limit.seconds
            }
        }
    }
    step('numbers that run out') {
        for (name in ['shore', 'ship']) {
            wraparound(name) {
                warn 30.percent
                fail 60.percent
            }
            sequences(name) {
                warn 50.percent
                fail 90.percent
            }
        }
    }
    step('log archive') {
        archiver('shore')
    }
    step('errors in the log') {
        logErrors('shore')                             // what is new since the last time
    }
    step('answers from memory') {
        for (name in ['shore', 'ship']) {
            cacheHitRatio(name) { warn 90.percent }
        }
    }
    step('indexes') {
        for (name in ['shore', 'ship']) {
            // Those that are there twice, or broken; the weekly checklist looks at the others.
            indexAdvice(name, '*.*') { accept 'unused', 'overlapping', 'missingForeignKey', 'missingMergeKey', 'rule', 'tooYoung' }
        }
    }
    step('partitions') {
        for (name in ['shore', 'ship']) {
            maintainPartitions(name, '*.*') {
                monthly
                ahead 3.days
            }
        }
    }
    step('dead rows') {
        for (name in ['shore', 'ship']) {
            vacuum(name) { whenDeadTuples 10.percent }
        }
    }
    onFailure  { alert 'warning', "checklist-daily: ${error.message}" }
    onRecovery { alert 'info', 'checklist-daily: everything is in order again' }
}
