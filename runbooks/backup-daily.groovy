// Dumps a database every night, and proves that the dump restores: it is restored into a scratch database, every table is
// compared with what was dumped, and the scratch database is dropped again. A dump that differs is marked and no longer counts.
//
// The database's role needs pg_read_all_data and CREATEDB. Where the server has no room for a second copy, name another server
// of the configuration in testOn. How long dumps are kept says backup-expire.
// Edit here: the database's name (as in watchkeeper.yaml), the hour (of this host's time), the tables that are not worth keeping.
runbook('backup-daily') {
    description 'Dumps the shore database every night and proves that the dump restores.'
    owner 'dba-oncall'
    role 'primary'
    schedule {
        cron '0 0 2 * * ?'
        jitter 10.minutes
        missed runOnce, maxAge: 12.hours        // a night that was slept through is made up for by day
    }
    policy {
        timeout 4.hours
        retry 3, 5.minutes
        overlap skip
        lock 'backup'                           // dumps and base backups of this host take turns
    }
    param 'exclude', 'public.scratch_*'
    param 'testRestore', 'yes'                  // no: only write the dump

    step('dump') {
        def leftOut = param('exclude')
        def prove = param('testRestore') == 'yes'
        def result = dump('shore') {
            format custom
            exclude leftOut
            testRestore prove
        }
        log.info "${result.id()}: ${result.tables()} tables, ${result.bytes()}" + (result.restored() ? ', restores' : '')
    }
    onFailure  { alert 'page', "backup-daily: ${error.message}" }
    onRecovery { alert 'info', 'backup-daily: there is a good dump again' }
}
