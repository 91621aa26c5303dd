// Builds indexes anew that are mostly empty, once a week, in the quiet hours. An index that has lost most of its rows is read and kept in
// memory as if it were full.
//
// REINDEX CONCURRENTLY builds beside the old index: reads and writes go on. What a rebuild leaves that is interrupted, at any moment, is
// dropped by the next run or by the agent's own sweep. Nothing is begun that the disk has no room for.
//
// Edit here: the databases (as in watchkeeper.yaml), the tables, the hour (of this host's time); or run it with -P whenBloatPercent=….
runbook('reindex-weekly') {
    description 'Builds bloated indexes anew beside themselves, once a week, the worst first.'
    owner 'dba-oncall'
    role 'primary'
    schedule {
        cron '0 45 3 ? * SUN'
        avoid '07:00', '22:00'              // made up for later in the night, never in the day
        missed runOnce, maxAge: 2.days
    }
    policy {
        timeout 4.hours
        overlap skip
        lock 'table-io'
    }
    guard {
        maxReplicationLag 'shore', 256.megabytes    // what is built, standbys must replay
    }
    param 'whenBloatPercent', '30'

    step('before') {
        bloat('shore', '*.*') {
            warn 25.percent
            deadTuples 10.percent
        }
    }
    step('reindex') {
        def limit = param('whenBloatPercent').toInteger().percent
        reindex('shore', '*.*') {
            whenBloat limit
            leastBytes 8.megabytes          // smaller ones are read in no time, full or empty
            budget 3.hours                  // no other index is begun after
            lockTimeout 1.second
            attempts 3
        }
    }
    onFailure  { alert 'warning', "reindex-weekly: ${error.message}" }
    onRecovery { alert 'info', 'reindex-weekly works again' }
}
