// What is worth a look once a week: which indexes nobody uses or are missing, what is bloated, which tables have grown, which statements run
// for long, and whether the settings are still what they should be. Nothing is changed.
//
// Edit here: the databases, the day; the limits are parameters.
runbook('checklist-weekly') {
    description 'The weekly look at indexes, tables, statements and settings, with one report.'
    owner 'dba-oncall'
    checklist weekly
    schedule {
        cron '0 0 7 ? * MON'
        zone 'Asia/Seoul'
        jitter 10.minutes
        missed runOnce, maxAge: 3.days
    }
    policy {
        timeout 1.hour
        retry 2, 10.seconds
    }
    param 'warnAtBloatPercent', '40'
    param 'acceptSettings', ''              // known and accepted findings, as 'logConnections,dataChecksums'

    step('indexes') {
        // ship a standby of shore? Then { alsoAsk 'ship' }: what its queries use is not unused.
        for (name in ['shore', 'ship']) {
            indexAdvice(name, '*.*') { unusedFor 30.days }
        }
    }
    step('wasted space') {
        def limit = param('warnAtBloatPercent').toInteger()
        for (name in ['shore', 'ship']) {
            bloat(name, '*.*') {
                warn limit.percent
                leastBytes 8.megabytes
            }
        }
    }
    step('settings') {
        def codes = param('acceptSettings').tokenize(', ')
        for (name in ['shore', 'ship']) {
            settingsReview(name) {
                if (codes) accept codes as String[]
            }
        }
    }
    step('tables that grow') {
        for (name in ['shore', 'ship']) {
            def largest = query(name, '''
                select c.oid::regclass::text as "table", round(pg_total_relation_size(c.oid) / 1048576.0, 1) as megabytes
                from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema')
                order by 2 desc limit 10
            ''')
            check("largest table on ${name}, in MB", largest ? largest[0].megabytes : 0) { evidence largest }
        }
    }
    step('statements') {
        for (name in ['shore', 'ship']) {
            def running = query(name, '''
                select pid, usename, application_name, extract(epoch from now() - query_start)::bigint as seconds
                from pg_stat_activity where state = 'active' and backend_type = 'client backend' and pid <> pg_backend_pid()
                order by query_start limit 10
            ''')
            check("longest statement running on ${name}, in seconds", running ? running[0].seconds : 0) {
                warn 300
                evidence running
                remedy((running ? "SELECT pg_cancel_backend(${running[0].pid});" : '').toString())
            }
        }
    }
    onFailure  { alert 'warning', "checklist-weekly: ${error.message}" }
    onRecovery { alert 'info', 'checklist-weekly: everything is in order again' }
}
