// Writes a row that may be written again: after a retry, or by two agents at once. The second time does nothing.
runbook('insert-once') {
    param 'day', '2026-03-01'

    step('make room') {
        execute('shore', 'create schema if not exists logbook')
        execute('shore', """create table if not exists logbook.bells (
            id text primary key, day date not null unique, state text not null, row_ver bigint not null default 0)""")
    }
    step('ring') {
        def rung = insertOnce('shore', 'logbook.bells', [id: ulid(), day: param('day'), state: 'open'])
        log.info rung.inserted() ? 'a new bell' : 'that day has its bell already'
    }
}
