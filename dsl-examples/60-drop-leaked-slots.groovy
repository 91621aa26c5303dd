// Drops slots that nobody reads any more. Ships are away for days: theirs may keep much, but not everything.
runbook('drop-leaked-slots') {
    step('slots') {
        def slots = dropLeakedSlots('shore') {
            inactiveFor 30.minutes
            retaining 10.gigabytes
            keep 'archive_*'
            budget 'ship_*', 50.gigabytes
        }
        slots.kept().each { log.info "${it.name()} stays: ${it.reason()}" }
        if (slots.dropped()) alert 'page', slots.alertText()
    }
}
