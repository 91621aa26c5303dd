// Every Sunday, the newest backup in pgBackRest's repository is restored, recovered to a minute ago, looked through, and removed.
runbook('shore-drill') {
    schedule { cron '0 0 4 ? * SUN' }
    step('drill') {
        pitrDrill('shore') {
            provider pgbackrest('main')
            target timestamp('1 minute ago')
            check 'the catalogue is there', 'select count(*) > 0 from pg_class'
            maxRpo 5.minutes
            maxRto 2.hours
        }
    }
}
