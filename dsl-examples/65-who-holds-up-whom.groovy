// Finds who is at the root of a chain of waits, and tells people with the line that ends it. Nothing is ended by itself.
runbook('who-holds-up-whom') {
    schedule {
        every 1.minute
    }
    step('locks') {
        def waits = lockWaits('shore') {
            warn 10.seconds
            fail 2.minutes
            reportOnly true                         // the step goes on, and decides itself what it means
        }
        if (waits.status != 'ok') {
            alert 'warning', "${waits.summary}. To end it: ${waits.remedy.join(' ')}"
        }
    }
}
