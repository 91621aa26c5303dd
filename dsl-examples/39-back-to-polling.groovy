// Before a long time without a link: the slot would keep the log on shore's disk. Polling goes on where the stream ended.
runbook('back-to-polling') {
    step('end the stream') {
        provisionSubscription('ship') {
            from 'shore'
            publication 'fleet'
            name 'fleet_ship'
            handBack true
        }
    }
}
