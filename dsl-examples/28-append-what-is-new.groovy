// Events are only ever added, so the newest number aboard says what is missing; 'append' leaves the rows that are there.
// (A row that was numbered earlier but committed later would be missed: give stragglers a minute.)
runbook('append-what-is-new') {
    step('append') {
        def aboard = query('ship', 'select coalesce(max(id), 0) as newest from audit_events')
        copyTable('public.audit_events') {
            from 'shore'
            to 'ship'
            strategy append
            where "id > ${aboard[0].newest} and created_at < now() - interval '1 minute'"
        }
    }
}
