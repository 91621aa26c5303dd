// Dumps a whole database, a file for each table, two tables at once, and proves that it restores.
runbook('dump-a-database') {
    step('dump') {
        def result = dump('shore') {
            format directory
            jobs 2
            testRestore true                // into a scratch database, compared table by table, and dropped again
        }
        log.info "${result.tables()} tables in ${result.bytes()}, restored: ${result.restored()}"
    }
}
