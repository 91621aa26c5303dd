// Part of a table: some columns, and the rows that satisfy a condition (evaluated at the source).
runbook('copy-some-rows-and-columns') {
    step('severe incidents only') {
        copyTable('public.incidents') {
            from 'shore'
            to 'ship'
            columns 'id', 'incident_key', 'tenant_id', 'severity', 'state', 'title'
            where 'severity = 1'
        }
    }
}
