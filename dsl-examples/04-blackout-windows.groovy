// No run starts inside a window; one that would is skipped, and history says so.
// A window may go past midnight; without days it holds every day.
runbook('blackout-windows') {
    schedule {
        every 1.hour
        zone 'Asia/Seoul'
        avoid '08:00', '18:00', MON..FRI
        avoid '23:30', '00:30'
        avoid '00:00', '06:00', SUN
    }
    step('count chunks') {
        query('ship', 'select count(*) from document_chunks')
    }
}
