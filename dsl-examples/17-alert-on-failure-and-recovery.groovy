// onFailure runs when the run failed or timed out, after all retries; 'error' says why. The same alert is sent once, not
// every minute. onRecovery runs after the first run that succeeds again; it also ends the alerts.
runbook('alert-on-failure-and-recovery') {
    param 'limit', '1000000'
    step('queue') {
        def limit = param('limit').toInteger()
        def rows = query('shore', "select count(*) as waiting from pipelines where status = 'broken'")
        check('broken pipelines', rows[0].waiting) { fail limit }
    }
    onFailure  { alert 'page', "pipelines: ${error.message}" }
    onRecovery { alert 'info', 'pipelines are fine again' }
}
