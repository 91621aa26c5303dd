// A checklist: each step is an item, and one that fails does not keep the later ones from being done. At its end a report says, in words that
// a ship's engineer can act on, what to do now and what can wait: 'watchkeeper checklist daily'.
runbook('a-checklist') {
    checklist daily

    step('connections') {
        def rows = query('shore', 'select state, count(*) as sessions from pg_stat_activity group by 1 order by 2 desc')
        check('connections', rows.sum { it.sessions }) {
            warn 400
            fail 500
            evidence rows
            remedy 'SELECT application_name, count(*) FROM pg_stat_activity GROUP BY 1 ORDER BY 2 DESC;'
        }
    }
    step('unresolved incidents') {
        def open = query('shore', "select count(*) as n from incidents where state <> 'resolved'")
        check('incidents that nobody has resolved', open[0].n) { warn 1_000_000 }
    }
}
