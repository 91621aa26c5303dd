// Once a month, what changes slowly. The items share one limit, which a run may be given: -P largestGigabytes=20.
runbook('a-monthly-checklist') {
    checklist monthly
    param 'largestGigabytes', '50'

    step('sizes') {
        def limit = param('largestGigabytes').toInteger()
        for (name in ['shore', 'ship']) {
            def size = query(name, 'select pg_database_size(current_database()) / 1073741824.0 as gigabytes')
            check("size of ${name}, in GB", size[0].gigabytes) {
                warn limit
                remedy 'see what may go: SELECT relname, pg_total_relation_size(oid) FROM pg_class ORDER BY 2 DESC LIMIT 10;'
            }
        }
    }
    step('who may log in') {
        authenticationReview('shore') { accept 'localTrust', 'unreadable' }
    }
}
