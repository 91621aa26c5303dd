// A whole cluster, with the log that makes it consistent: it can be started as it is. What arrived is compared with what was sent.
runbook('base-backup') {
    step('base backup') {
        def backup = baseBackup('shore') {
            checkpoint fast                 // begin at once; spread is gentler and takes minutes
            rateLimit 200.megabytes         // a second
        }
        log.info "${backup.id()} has ${backup.bytes()} bytes"
    }
}
