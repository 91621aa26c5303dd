// The look at the databases that somebody takes every morning, done by itself: connections, locks, numbers that run out, indexes that are there
// twice, dead rows. What may be mended without asking is mended: dead rows are removed and statistics renewed.
//
// An item that fails does not keep the later ones from being done. The report says what to do now, with the lines that do it: on the page,
// with 'watchkeeper checklist daily', and by mail where mail is configured. See docs/checklists.md.
// Edit here: the databases, the hour; the limits are parameters.
runbook('checklist-daily') {
    description 'The daily look at the databases, with one report: what to do now, what was mended, how things develop.'
    owner 'dba-oncall'
    checklist daily
    schedule {
        cron '0 30 6 * * ?'
        zone 'Asia/Seoul'
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

    step('connections') {
        def limit = param('failAtConnectionsPercent').toInteger()
        for (name in ['shore', 'ship']) {
            def used = query(name, '''
                select round(100.0 * count(*) / current_setting('max_connections')::int, 1) as percent
                from pg_stat_activity where backend_type = 'client backend'
            ''')
            check("connections used on ${name}, in percent", used[0].percent) {
                warn 80
                fail limit
                remedy 'SELECT application_name, state, count(*) FROM pg_stat_activity GROUP BY 1, 2 ORDER BY 3 DESC;'
            }
        }
    }
    step('transactions left open') {
        def limit = param('failAtIdleSeconds').toInteger()
        for (name in ['shore', 'ship']) {
            def open = query(name, '''
                select pid, usename, application_name, host(client_addr) as address,
                    extract(epoch from now() - state_change)::bigint as seconds
                from pg_stat_activity where state like 'idle in transaction%' order by state_change limit 10
            ''')
            check("longest transaction left open on ${name}, in seconds", open ? open[0].seconds : 0) {
                warn Math.min(600, limit)
                fail limit
                evidence open
                remedy((open ? "SELECT pg_terminate_backend(${open[0].pid});  -- ask its owner first: ${open[0].application_name}, ${open[0].usename}" : '').toString())
            }
        }
    }
    step('waits for locks') {
        def limit = param('failAtLockWaitSeconds').toInteger()
        for (name in ['shore', 'ship']) {
            def waiting = query(name, '''
                select a.pid, pg_blocking_pids(a.pid)::text as blocked_by, a.usename, a.application_name,
                    extract(epoch from now() - a.state_change)::bigint as seconds
                from pg_stat_activity a where a.wait_event_type = 'Lock' order by a.state_change limit 10
            ''')
            check("longest wait for a lock on ${name}, in seconds", waiting ? waiting[0].seconds : 0) {
                warn Math.min(30, limit)
                fail limit
                evidence waiting
                remedy 'SELECT pid, pg_blocking_pids(pid), query FROM pg_stat_activity WHERE wait_event_type = \'Lock\';'
            }
        }
    }
    step('numbers that run out') {
        for (name in ['shore', 'ship']) {
            def oldest = query(name, '''
                select c.oid::regclass::text as "table", round(100.0 * age(c.relfrozenxid) / 2147483647, 2) as percent
                from pg_class c where c.relkind in ('r', 'm', 't') order by age(c.relfrozenxid) desc limit 5
            ''')
            check("transaction ids used up on ${name}, in percent", oldest[0].percent) {
                warn 30
                fail 60
                evidence oldest
                remedy "VACUUM (FREEZE) ${oldest[0].table};"
            }
            def fullest = query(name, '''
                select format('%I.%I', schemaname, sequencename) as sequence,
                    round(100.0 * last_value / max_value, 1) as percent
                from pg_sequences where last_value is not null and increment_by > 0 and not cycle
                order by last_value::numeric / max_value desc limit 5
            ''')
            check("numbers used up by the fullest sequence on ${name}, in percent", fullest ? fullest[0].percent : 0) {
                warn 50
                fail 90
                evidence fullest
                remedy((fullest ? "ALTER SEQUENCE ${fullest[0].sequence} AS bigint;  -- and its column: expand, migrate, contract" : '').toString())
            }
        }
    }
    step('indexes') {
        for (name in ['shore', 'ship']) {
            // Those that are there twice, or broken; the weekly checklist looks at the others.
            indexAdvice(name, '*.*') {
                accept 'unused', 'overlapping', 'missingForeignKey', 'missingMergeKey', 'rule', 'tooYoung'
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
