// Measures whether reads and writes are as fast as promised, and tells of it before the month's budget is spent.
runbook('objectives') {
    schedule { every 1.minute }
    step('measure') {
        def found = slo('shore') {
            readP95 2.seconds
            writeP95 4.seconds
            errors 0.5.percent
            rollbacks false                        // programs here end reading with a rollback
        }
        log.info found.summary()
    }
}
