// Warns long before transaction ids or sequences run out. Either stops all writes, and neither can be mended in a hurry.
//
// Edit here: the databases.
runbook('wraparound-watch') {
    description 'Warns long before transaction ids or sequences run out.'
    owner 'dba-oncall'
    schedule {
        every 6.hours
        jitter 5.minutes
        missed runOnce, maxAge: 1.day
    }
    policy {
        timeout 2.minutes
        retry 3, 30.seconds
    }

    step('transaction ids') {
        for (name in ['shore', 'ship']) {
            def oldest = query(name, '''
                select c.oid::regclass::text as "table", age(c.relfrozenxid) as transactions,
                    round(100.0 * age(c.relfrozenxid) / 2147483647, 2) as percent
                from pg_class c where c.relkind in ('r', 'm', 't')
                order by age(c.relfrozenxid) desc limit 5
            ''')
            check("transaction ids used up on ${name}, in percent", oldest[0].percent) {
                warn 30                     // autovacuum freezes at 10 when it is left alone
                fail 60
                evidence oldest
                remedy 'VACUUM (FREEZE) the tables named here, and look for old transactions, slots and prepared transactions'
            }
        }
    }
    step('sequences') {
        for (name in ['shore', 'ship']) {
            def fullest = query(name, '''
                select format('%I.%I', schemaname, sequencename) as sequence, last_value as "last", max_value as "max",
                    round(100.0 * last_value / max_value, 2) as percent
                from pg_sequences where last_value is not null and increment_by > 0 and not cycle
                order by last_value::numeric / max_value desc limit 5
            ''')
            check("numbers used up by a sequence on ${name}, in percent", fullest ? fullest[0].percent : 0) {
                warn 50
                fail 90
                evidence fullest
                remedy 'turn the column into a bigint: expand, migrate, contract'
            }
        }
    }
    onFailure  { alert 'page', "wraparound-watch: ${error.message}" }
    onRecovery { alert 'info', 'wraparound-watch: there is room again' }
}
