// Runs at a fixed distance, counted from midnight, so that a restart does not move it.
// Jitter spreads the start: forty ships with this runbook do not all call the shore in one second.
runbook('every-with-jitter') {
    schedule {
        every 15.minutes
        jitter 30.seconds
    }
    step('see whether shore answers') {
        query('shore', 'select now()::text as now')
    }
}
