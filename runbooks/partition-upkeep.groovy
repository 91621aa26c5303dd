// Makes the partitions of the coming days, fills gaps, and archives months that are older than half a year.
//
// The tables are partitioned by a date or time, month by month. A month that is old enough is detached, dumped into the repository's
// archive, restored beside and compared row by row, and only then dropped; whatever goes wrong, it stays. Writers never wait longer than
// a second. See what it would do: watchkeeper run partition-upkeep --dry-run. More: docs/partitions.md.
// Edit here: the tables, the hour (of this host's time), the time zone in which a month begins, how long rows are kept.
// Tables that pg_partman looks after are left to it.
runbook('partition-upkeep') {
    description 'Makes partitions ahead of time, fills gaps, and archives what is too old.'
    owner 'dba-oncall'
    role 'primary'
    schedule {
        cron '0 40 2 * * ?'
        missed runOnce                      // a month without a partition stops writers: better late than not
    }
    policy {
        timeout 4.hours
        retry 2, 1.minute
        overlap skip
        lock 'table-io'
    }
    param 'tables', 'public.*'
    param 'aheadDays', '3'
    param 'retainDays', '180'
    param 'maxDrops', '12'

    step('partitions') {
        def days = param('aheadDays').toInteger()
        def kept = param('retainDays').toInteger()
        def most = param('maxDrops').toInteger()
        def result = maintainPartitions('shore', param('tables').split(',')*.trim()) {
            monthly
            ahead days.days
            retain kept.days
            archive
            maxDrops most                   // more at once is a wrong clock or a typing mistake: nothing is touched then
            zone 'UTC'
        }
        if (result.findings()) alert 'warning', result.findings()*.message().join('; ')
    }
    onFailure  { alert 'page', "partition-upkeep: ${error.message}" }
    onRecovery { alert 'info', 'partition-upkeep works again' }
}
