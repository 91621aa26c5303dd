// Notes how large the database and its tables are, and warns of what fills a disk slowly: dead rows and unused indexes.
//
// The figures stay in the run's record, so 'watchkeeper show' answers what grew since last week.
// Edit here: the databases, the hour, the disk.
runbook('storage-watch') {
    description 'Records sizes, and warns of tables that are mostly dead rows.'
    owner 'dba-oncall'
    schedule {
        cron '0 0 6 * * ?'
        zone 'Asia/Seoul'
        missed runOnce
    }
    policy {
        timeout 5.minutes
        retry 2, 10.seconds
    }
    guard {
        minFreeDisk '/', 2.percent          // below this even a watcher's own records are in the way
    }
    param 'failAtDeadPercent', '40'

    step('sizes') {
        for (name in ['shore', 'ship']) {
            def total = query(name, "select pg_size_pretty(pg_database_size(current_database())) as size")
            def largest = query(name, '''
                select c.oid::regclass::text as "table", pg_size_pretty(pg_total_relation_size(c.oid)) as size
                from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema')
                order by pg_total_relation_size(c.oid) desc limit 5
            ''')
            log.info "${name}: ${total[0].size}, largest: ${largest.collect { "${it.table} ${it.size}" }.join(', ')}"
        }
    }
    step('dead rows') {
        def limit = param('failAtDeadPercent').toInteger()
        for (name in ['shore', 'ship']) {
            def worst = query(name, '''
                select relid::regclass::text as "table", n_live_tup as live, n_dead_tup as dead,
                    round(100.0 * n_dead_tup / (n_live_tup + n_dead_tup), 1) as percent, last_autovacuum::text as vacuumed
                from pg_stat_user_tables
                where n_live_tup + n_dead_tup > 10000
                order by percent desc limit 5
            ''')
            check("dead rows on ${name}, in percent", worst ? worst[0].percent : 0) {
                warn 20
                fail limit
                evidence worst
                remedy 'run vacuum-analyze; when it does not help, a long transaction keeps the rows: see activity-watch'
            }
        }
    }
    onFailure  { alert 'warning', "storage-watch: ${error.message}" }
    onRecovery { alert 'info', 'storage-watch: sizes and dead rows are fine again' }
}
