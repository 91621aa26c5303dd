// Streams tables of the shore to this ship by PostgreSQL's own logical replication, and looks after the stream: every run makes what is
// missing, follows tables that came or went, advances sequences, and fails when the stream is down, disabled or halted.
//
// It has no schedule, because beginning to stream is a person's decision: run it once by hand, then take the slashes off the schedule below.
//
// Rows that are aboard already are brought up to date by a last round of polling, so nothing is copied twice. When the slot is lost, ship-sync
// goes on by polling where the stream ended. docs/streaming.md says when streaming is right, and what it needs.
// Edit here: the names of the two databases (as in watchkeeper.yaml), the tables, the names ashore and aboard.
runbook('subscription-provision') {
    description 'Streams the fleet tables aboard, and looks after the stream.'
    owner 'dba-oncall'
    role 'ship'
    // schedule {
    //     every 5.minutes
    //     jitter 30.seconds
    // }
    policy {
        timeout 2.hours                     // the last round of polling may bring a backlog of days
        retry 3, 30.seconds
        overlap skip
        lock 'table-io'
    }
    param 'tables', 'public.*'
    param 'publication', 'fleet'
    param 'subscription', 'fleet_ship'      // another on every ship: its slot ashore is named after it

    step('publish ashore') {
        def published = param('publication')
        def chosen = param('tables')
        provisionPublication('shore') {
            name published
            tables chosen
        }
    }
    step('subscribe aboard') {
        def published = param('publication')
        def subscription = param('subscription')
        provisionSubscription('ship') {
            from 'shore'
            publication published
            name subscription
            handover true
            onError disable
        }
    }
    onFailure  { alert 'page', "subscription-provision: ${error.message}" }
    onRecovery { alert 'info', 'subscription-provision: the stream runs again' }
}
