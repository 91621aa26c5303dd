// Every Sunday, the newest backup in pgBackRest's repository is restored, recovered as far as it goes, looked through, and removed.
runbook('shore-drill') {
    schedule { cron '0 0 4 ? * SUN' }
    step('drill') {
        pitrDrill('shore') {
            provider pgbackrest('main')
            target latest
            check 'the catalogue is there', 'select count(*) > 0 from pg_class'
            maxRpo 5.minutes
            maxRto 2.hours
        }
    }
}
