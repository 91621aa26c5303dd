// Finds out why a standby of the primary is too far behind, and does about it what is allowed here.
//
// While no standby is behind it does nothing. Every setting it changes is recorded first and put back when the standby has caught
// up, at the deadline, and after a crash. Standbys are looked at from their own end where a database of the configuration says
// standbyOf. Edit here: the database that is the primary, what is allowed, and who is never cancelled. See docs/lag-remedies.md.
runbook('lag-remedy') {
    description 'Remedies standbys that are too far behind, and takes back what was for the while.'
    owner 'dba-oncall'
    schedule {
        every 1.minute
        jitter 5.seconds
    }
    policy {
        timeout 40.minutes
        overlap skip
    }
    param 'alertAfterSeconds', '300'

    step('find the cause and remedy it') {
        def limit = param('alertAfterSeconds').toInteger()
        remediateLag('shore') {
            alertAfter limit.seconds
            until 10.seconds
            deadline 30.minutes
            allow hotStandbyFeedback, cancelConflicts, costLimit, restartReceiver
            neverCancel 'pg_dump'
        }
    }
    onFailure  { alert 'page', "lag-remedy: ${error.message}" }
    onRecovery { alert 'info', 'lag-remedy: the standbys have caught up' }
}
