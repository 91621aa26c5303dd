// Drops replication slots that nobody will read again, before the log that they keep fills the primary's disk.
//
// The slots of standbys and subscribers in the configuration, of this agent's archive and of failover managers stay, however long
// they are away, as long as no budget is set for them. See what it would do: watchkeeper run slot-leak --dry-run.
// Edit here: the database that is the primary, the slots to keep, and what ships at sea may keep.
runbook('slot-leak') {
    description 'Drops slots that nobody has read for a while and that keep much WAL, and says what their readers must do then.'
    owner 'dba-oncall'
    role 'primary'
    schedule {
        every 10.minutes
        jitter 30.seconds
    }
    policy {
        timeout 2.minutes
        overlap skip
    }
    param 'inactiveMinutes', '30'
    param 'retainingGigabytes', '10'
    param 'shipBudgetGigabytes', '50'

    step('slots') {
        def minutes = param('inactiveMinutes').toInteger()
        def gigabytes = param('retainingGigabytes').toInteger()
        def shipBudget = param('shipBudgetGigabytes').toInteger()
        def slots = dropLeakedSlots('shore') {
            inactiveFor minutes.minutes
            retaining gigabytes.gigabytes
            budget 'ship_*', shipBudget.gigabytes
            budget 'watchkeeper_ship_*', shipBudget.gigabytes
        }
        if (slots.dropped()) alert 'page', slots.alertText()
    }
    onFailure  { alert 'page', "slot-leak: ${error.message}" }
    onRecovery { alert 'info', 'slot-leak works again' }
}
