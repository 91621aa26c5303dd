// Values go in as question marks and are bound: no quoting, nothing to inject. Rows come back as maps by column name.
// In a dry run a query really runs, in a read-only transaction, so that the rest of the step sees real rows.
runbook('query-and-bind') {
    step('tenants that pay most') {
        def rows = query('shore',
            'select id, name, monthly_fee from tenants where plan = ? and monthly_fee > ? order by monthly_fee desc limit 3',
            'large', 100)
        for (row in rows) {
            log.info "${row.name}: ${row.monthly_fee}"
        }
    }
}
