// Runs at times of day. Six fields: second minute hour day-of-month month day-of-week; one of the two days is a '?'.
// The zone says whose times they are; a time that a clock change skips or repeats fires once.
runbook('schedule-cron') {
    description 'Every working day at seven in the morning, Seoul time.'
    schedule {
        cron '0 0 7 ? * MON-FRI'
        zone 'Asia/Seoul'
    }
    step('say how many incidents are open') {
        def rows = query('shore', "select count(*) as open from incidents where state = 'open'")
        log.info "${rows[0].open} incidents are open"
    }
}
