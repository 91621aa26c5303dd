// How much the databases grow a day, and when their disks are full: at the next morning's look it is known.
runbook('when-the-disk-is-full') {
    schedule {
        cron '0 30 6 * * ?'
    }
    step('sizes') {
        databaseSizes('shore') {
            warn 60.days                            // until the disk is full
            fail 14.days
            largest 500.gigabytes
        }
        diskSpace('shore') {
            warn 25.percent                         // free
            fail 5.percent
            fullWithin 2.days
        }
    }
    onFailure { alert 'page', "a disk fills up: ${error.message}" }
}
