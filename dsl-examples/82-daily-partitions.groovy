// A partition for each day of Seoul, in four parts by ship; rows that came before their partition are brought into it.
runbook('daily-partitions') {
    step('table') {
        execute('shore', 'create schema if not exists logbook')
        execute('shore', 'create table if not exists logbook.positions (ship text, at timestamptz, place point) partition by range (at)')
    }
    step('partitions') {
        maintainPartitions('shore', 'logbook.positions') {
            daily
            hash 4, 'ship'
            zone 'Asia/Seoul'
            ahead 7.days
            retain 14.days
            drop
            moveDefaultRows true
            batch 10_000
            lockTimeout 200.milliseconds
            attempts 50
        }
    }
}
