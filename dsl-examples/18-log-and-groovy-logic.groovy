// A step is Groovy: variables, loops, conditions, collections, string templates. What the log says stays with the run.
runbook('log-and-groovy-logic') {
    step('report by plan') {
        def rows = query('shore', 'select plan, status, count(*) as tenants from tenants group by 1, 2')
        def byPlan = rows.groupBy { it.plan }
        byPlan.each { plan, group ->
            log.info "${plan}: ${group.collect { "${it.tenants} ${it.status}" }.sort().join(', ')}"
        }
        if (rows.any { it.status == 'suspended' }) {
            log.warn 'some tenants are suspended'
        }
    }
}
