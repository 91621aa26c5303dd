// Durations, amounts of data and shares carry their unit, and are only compared with their own kind.
runbook('units') {
    policy { timeout 1.5.hours }
    step('compare') {
        def rows = query('shore', 'select pg_database_size(current_database()) as bytes, extract(epoch from now() - pg_postmaster_start_time())::bigint as seconds')
        check('up for', (rows[0].seconds as long).seconds) { warn 3650.days }
        check('size', (rows[0].bytes as long) < 500.gigabytes.count())
    }
}
