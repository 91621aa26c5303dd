// Brings a table of the newest dump back, into a database beside the one it came from. Nothing that is in use is touched.
runbook('restore-a-table') {
    step('dump') {
        dump('shore')
    }
    step('restore') {
        def result = restore('shore') {
            into 'shore_yesterday'          // made when it is missing
            tables 'public.tenants'
            clean true                      // else a table that is there already would be an error
        }
        log.info "${result.rows()} rows are in shore_yesterday now"
    }
}
