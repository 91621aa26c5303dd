// Reads what is new in the server's own log, every ten minutes: crashes, damaged pages, deadlocks, timeouts, refused logins, errors. What
// the application does every day and nobody wants to hear of is ignored.
runbook('log-errors') {
    schedule { every 10.minutes }
    step('read the log') {
        def found = logErrors('shore') {
            ignore 'duplicate key value*sessions', 'canceling statement due to user request'
            warn 5
            reportOnly true
        }
        if (found.status() != 'ok') found.evidence().each { row -> log.info "${row.count} × ${row.message}" }
    }
}
