// Writes down how a plain table becomes a partitioned one, for a person to read and to run with psql.
runbook('plan-a-conversion') {
    step('table') {
        execute('shore', 'create schema if not exists logbook')
        execute('shore', 'create table if not exists logbook.soundings (id bigint primary key, at timestamptz not null, depth real)')
    }
    step('plan') {
        def plan = conversionPlan('shore', 'logbook.soundings') {
            by 'at'
            weekly
            prepare 7.days
        }
        plan.changes().each { log.warn it }
        log.info plan.text()
    }
}
