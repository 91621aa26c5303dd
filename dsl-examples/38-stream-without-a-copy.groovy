// From polling to a stream: a last round inside the slot's own snapshot, so that nothing is copied again and nothing is missed.
// Run it every few minutes: it makes what is missing, looks after the rest, and says when something is wrong.
runbook('stream-without-a-copy') {
    step('subscribe') {
        def stream = provisionSubscription('ship') {
            from 'shore'
            publication 'fleet'
            name 'fleet_ship'
            handover true
        }
        log.info "${stream.state()}, ${stream.lag()} behind"
    }
}
