// A value that has reached a threshold: from 'warn' on the log says so, from 'fail' on the step fails.
// Evidence and remedy stand beside the result, for whoever reads it at night.
runbook('check-thresholds') {
    step('unresolved incidents') {
        def rows = query('shore', '''
            select tenant_id, count(*) as unresolved from incidents where state <> 'resolved'
            group by tenant_id order by 2 desc limit 5
        ''')
        check('unresolved incidents of one tenant', rows[0].unresolved) {
            warn 1
            fail 100_000
            evidence rows
            remedy 'see /v1/runs for what was tried already'
        }
    }
}
