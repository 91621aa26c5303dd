// Watches what sessions do to each other: connections running out, transactions left open, statements waiting for locks.
//
// Each check keeps the sessions it found as evidence, so that the run says who it was even when they are gone by then.
// Edit here: the database; the limits are parameters.
runbook('activity-watch') {
    description 'Warns of too many connections, transactions left open and long waits for locks.'
    owner 'dba-oncall'
    schedule {
        every 1.minute
        jitter 5.seconds
    }
    policy {
        timeout 30.seconds
        retry 2, 2.seconds
    }
    param 'failAtConnectionsPercent', '95'
    param 'failAtTransactionMinutes', '60'
    param 'failAtLockWaitSeconds', '300'

    step('connections') {
        def limit = param('failAtConnectionsPercent').toInteger()
        def used = query('shore', '''
            select round(100.0 * count(*) / current_setting('max_connections')::int, 1) as percent
            from pg_stat_activity where backend_type = 'client backend'
        ''')
        check('connections used, in percent', used[0].percent) {
            warn 80
            fail limit
            remedy 'end idle sessions or put a pooler in front: select pg_terminate_backend(pid) …'
        }
    }
    step('open transactions') {
        def limit = param('failAtTransactionMinutes').toInteger() * 60
        def open = query('shore', '''
            select pid, usename, application_name, state, extract(epoch from now() - xact_start)::bigint as seconds,
                left(query, 200) as statement
            from pg_stat_activity
            where xact_start is not null and backend_type = 'client backend' and pid <> pg_backend_pid()
            order by xact_start limit 10
        ''')
        check('oldest transaction, in seconds', open ? open[0].seconds : 0) {
            warn 600
            fail limit
            evidence open
            remedy 'it keeps VACUUM from removing rows; ask its owner, then: select pg_terminate_backend(pid)'
        }
    }
    step('lock waits') {
        def limit = param('failAtLockWaitSeconds').toInteger()
        def waiting = query('shore', '''
            select a.pid, pg_blocking_pids(a.pid)::text as blocked_by, a.usename, a.application_name,
                extract(epoch from now() - a.state_change)::bigint as seconds, left(a.query, 200) as statement
            from pg_stat_activity a
            where a.wait_event_type = 'Lock'
            order by a.state_change limit 10
        ''')
        check('longest wait for a lock, in seconds', waiting ? waiting[0].seconds : 0) {
            warn 30
            fail limit
            evidence waiting
            remedy 'look at the statements of blocked_by; the first of them holds up the others'
        }
    }
    onFailure  { alert 'page', "activity-watch: ${error.message}" }
    onRecovery { alert 'info', 'activity-watch: connections, transactions and locks are fine again' }
}
