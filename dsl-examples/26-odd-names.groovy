// Names are written as in psql: quoted where they hold capitals, spaces or dots.
runbook('odd-names') {
    step('make the table') {
        for (name in ['shore', 'ship']) {
            execute(name, 'create schema if not exists "Engine Room"')
            execute(name, 'create table if not exists "Engine Room"."Log 1" (id int primary key, "Oil °C" numeric)')
        }
        execute('shore', 'insert into "Engine Room"."Log 1" values (?, ?) on conflict do nothing', 1, 81.5)
    }
    step('copy it') {
        copyTable('"Engine Room"."Log 1"') { from 'shore'; to 'ship' }
    }
}
