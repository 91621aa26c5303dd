// Reads backups again in small portions through the day, so gently that nobody notices.
runbook('verify-backups') {
    schedule { every 1.hour }
    step('read again') {
        def result = verifyBackups {
            rateLimit 20.megabytes          // per second
            atMost 10.minutes               // the next round goes on with what was verified longest ago
        }
        if (result.left() > 0) log.info "${result.left()} left for the next round"
    }
}
