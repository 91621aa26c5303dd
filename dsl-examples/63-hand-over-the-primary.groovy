// Hands the primary's role to a standby when a person says so, and only then: run it by hand with -P confirm='shore→ship'.
runbook('hand-over-the-primary') {
    param 'confirm', ''
    step('hand over') {
        def word = param('confirm')
        if (word) {
            switchover('shore') {
                to 'ship'
                confirm word
                maxLag 4.megabytes
                within 2.minutes
            }
        } else {
            log.info 'nobody has confirmed it: nothing to do'
        }
    }
}
