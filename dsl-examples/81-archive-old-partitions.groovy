// Months older than 180 days go into the repository's archive; each is restored beside and compared before its table is dropped.
runbook('archive-old-partitions') {
    step('partitions') {
        def result = maintainPartitions('shore', ['logbook.voyages*', 'public.audit_*']) {
            monthly
            ahead 3.days
            retain 180.days
            archive
            maxDrops 3                      // one a month is usual: more is a mistake
            testOn 'ship'                   // the comparing is done on a server with time for it
        }
        log.info "archived: ${result.archived()}"
    }
}
