// Changes a row only when nobody has changed it since it was read; otherwise it says so, and the other change stays.
runbook('change-what-is-as-read') {
    step('a bell') {
        execute('shore', """create table if not exists public.watches (
            id text primary key, state text not null, row_ver bigint not null default 0)""")
        insertOnce('shore', 'public.watches', [id: 'first', state: 'open'])
    }
    step('close it') {
        def rows = query('shore', "select row_ver from public.watches where id = 'first'")
        def read = rows.isEmpty() ? 0L : rows[0].row_ver as long
        def done = updateVersioned('shore', 'public.watches', [id: 'first'], read, [state: 'closed'])
        if (done.conflict()) log.warn "somebody was faster: it is at version ${done.version()} now"
    }
}
