// Notes how large the databases and their tables are, tells when a disk is full, and warns of what fills it slowly: dead rows and unused indexes.
//
// The figures are kept, so that each look tells how much has grown since the last ones.
// Edit here: the databases, the hour (of this host's time); the limits are parameters.
runbook('storage-watch') {
    description 'Records sizes, tells when disks are full, and warns of dead rows and unused indexes.'
    owner 'dba-oncall'
    schedule {
        cron '0 0 6 * * ?'
        missed runOnce
    }
    policy {
        timeout 5.minutes
        retry 2, 10.seconds
    }
    guard {
        minFreeDisk '/', 2.percent          // below this even a watcher's own records are in the way
    }
    param 'failAtFreePercent', '5'
    param 'failAtDeadPercent', '40'

    step('sizes') {
        def limit = param('failAtFreePercent').toInteger()
        for (name in ['shore', 'ship']) {
            databaseSizes(name) {
                warn 30.days                // until the disk is full, as the databases grow
                fail 7.days
            }
            diskSpace(name) {
                warn 15.percent             // free
                fail limit.percent
            }
        }
    }
    step('tables') {
        def limit = param('failAtDeadPercent').toInteger()
        for (name in ['shore', 'ship']) {
            tableStatistics(name) {
                warn 20.percent             // dead rows
                fail limit.percent
            }
        }
    }
    step('indexes') {
        indexUsage('shore')                 // ship a standby of shore? Then { alsoAsk 'ship' }
        indexUsage('ship')
    }
    onFailure  { alert 'warning', "storage-watch: ${error.message}" }
    onRecovery { alert 'info', 'storage-watch: sizes and dead rows are fine again' }
}
