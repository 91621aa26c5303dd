// Keeps a table's monthly partitions: the next month is there three days before it begins, and gaps are filled.
runbook('monthly-partitions') {
    step('table') {
        execute('shore', 'create schema if not exists logbook')
        execute('shore', 'create table if not exists logbook.voyages (ship text, at timestamptz, port text) partition by range (at)')
    }
    step('partitions') {
        maintainPartitions('shore', 'logbook.voyages') { monthly }
    }
}
