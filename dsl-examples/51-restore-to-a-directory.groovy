// Restores the newest base backup to a new directory, ready to recover when somebody starts a server on it.
runbook('restore-to-a-directory') {
    param 'to', '/tmp/watchkeeper-restored'
    step('restore') {
        def place = param('to')
        restore('shore') {
            to place
            target latest
            overwrite true                          // an older cluster there goes; a running one, or anything else, never
        }
    }
}
