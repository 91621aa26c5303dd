// One table as a stream: changes arrive as they are committed. Another mode later gives the table back to polling.
runbook('stream-one-table') {
    step('stream') {
        def result = syncTable('public.tenants') {
            from 'shore'
            to 'ship'
            mode stream
        }
        log.info result.reason()
    }
    step('and back') {
        syncTable('public.tenants') {
            from 'shore'
            to 'ship'
            mode auto
        }
    }
}
