// Changes a row only when nobody has changed it since it was read; otherwise it says so, and the other change stays.
runbook('change-what-is-as-read') {
    param 'version', '0'                           // row_ver as whoever decided this has seen it

    step('a watch') {
        execute('shore', 'create schema if not exists logbook')
        execute('shore', """create table if not exists logbook.watches (
            id text primary key, state text not null, row_ver bigint not null default 0)""")
        insertOnce('shore', 'logbook.watches', [id: 'first', state: 'open'])
    }
    step('close it') {
        def done = updateVersioned('shore', 'logbook.watches', [id: 'first'], param('version').toLong(), [state: 'closed'])
        if (done.conflict()) log.warn "somebody was faster: it is at version ${done.version()} now"
    }
}
