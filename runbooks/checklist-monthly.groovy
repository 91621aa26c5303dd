// What is worth a look once a month: that the backups restore, which tables nobody uses any more, how well memory answers reads, and who may log
// in. The restore is real: a sandbox beside the server, which needs room on this host; see pitr-drill. Nothing on the servers is changed.
//
// Edit here: the databases, the day and the hour (of this host's time); the limits are parameters.
runbook('checklist-monthly') {
    description 'The monthly look: a restore test, data that nobody uses, performance and logins, with one report.'
    owner 'dba-oncall'
    role 'primary'
    checklist monthly
    schedule {
        cron '0 0 8 1 * ?'
        jitter 30.minutes
        missed runOnce, maxAge: 10.days
    }
    policy {
        timeout 6.hours
        lock 'pitr-drill'
    }
    param 'warnAtUnusedMegabytes', '1000'
    param 'warnBelowCachePercent', '95'

    step('restore test') {
        pitrDrill('shore') {
            maxRpo 5.minutes
            maxRto 30.minutes
            check 'there are tables', "select count(*) > 0 from pg_tables where schemaname = 'public'"
            amcheck true
        }
    }
    step('data that nobody uses') {
        def limit = param('warnAtUnusedMegabytes').toInteger()
        for (name in ['shore', 'ship']) {
            def unused = query(name, '''
                select relid::regclass::text as "table", round(pg_total_relation_size(relid) / 1048576.0, 1) as megabytes
                from pg_stat_user_tables
                where coalesce(seq_scan, 0) + coalesce(idx_scan, 0) + n_tup_ins + n_tup_upd + n_tup_del = 0
                order by 2 desc limit 10
            ''')
            check("largest table on ${name} that nobody has read or written, in MB", unused ? unused[0].megabytes : 0) {
                warn limit
                evidence unused
                remedy((unused ? "DROP TABLE ${unused[0].table};  -- after a dump, and after asking its owner" : '').toString())
            }
        }
    }
    step('performance') {
        def limit = param('warnBelowCachePercent').toInteger()
        for (name in ['shore', 'ship']) {
            cacheHitRatio(name) { warn limit.percent }
            slowQueries(name) { warn 5.minutes }
            databaseSizes(name)
        }
    }
    step('who may log in') {
        authenticationReview('shore') { accept 'localTrust' }
    }
    onFailure  { alert 'warning', "checklist-monthly: ${error.message}" }
    onRecovery { alert 'info', 'checklist-monthly: everything is in order again' }
}
