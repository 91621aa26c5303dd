// Keeps a table's monthly partitions: the next month is there three days before it begins, and gaps are filled.
runbook('monthly-partitions') {
    step('table') {
        execute('shore', 'create table if not exists public.voyages (ship text, at timestamptz, port text) partition by range (at)')
    }
    step('partitions') {
        maintainPartitions('shore', 'public.voyages') { monthly }
    }
}
