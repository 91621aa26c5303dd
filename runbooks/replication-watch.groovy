// Watches the standbys of the primary: how far each is behind, and what slots hold back.
//
// A standby that is gone does not stand in pg_stat_replication, so the number of standbys is checked too: set it with
// -P standbys=…, or here. Edit here: the database that is the primary.
runbook('replication-watch') {
    description 'Warns when a standby is missing or behind, and when a slot keeps too much WAL.'
    owner 'dba-oncall'
    schedule {
        every 1.minute
        jitter 5.seconds
    }
    policy {
        timeout 30.seconds
        retry 2, 2.seconds
    }
    param 'standbys', '0'
    param 'failAtLagSeconds', '300'
    param 'failAtRetainedGigabytes', '10'

    step('standbys') {
        def expected = param('standbys').toInteger()
        def limit = param('failAtLagSeconds').toInteger()
        def standbys = query('shore', '''
            select application_name, client_addr::text as address, state, sync_state,
                coalesce(extract(epoch from replay_lag), 0)::bigint as seconds,
                pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::bigint as bytes
            from pg_stat_replication where state = 'streaming'
            order by replay_lag desc nulls last
        ''')
        check("at least ${expected} standbys are streaming", standbys.size() >= expected)
        check('replay lag, in seconds', standbys ? standbys[0].seconds : 0) {
            warn 60
            fail limit
            evidence standbys
            remedy 'see what the standby replays: select * from pg_stat_activity there; long queries hold replay up'
        }
    }
    step('slots') {
        def limit = param('failAtRetainedGigabytes').toInteger()
        def slots = query('shore', '''
            select slot_name, active, coalesce(wal_status, 'none') as wal_status,
                round(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) / 1024.0 ^ 3, 3) as gigabytes
            from pg_replication_slots where restart_lsn is not null
            order by gigabytes desc
        ''')
        check('WAL kept for the slot furthest behind, in gigabytes', slots ? slots[0].gigabytes : 0) {
            warn 1
            fail limit
            evidence slots
            remedy "when its reader is gone for good: select pg_drop_replication_slot('…')"
        }
    }
    onFailure  { alert 'page', "replication-watch: ${error.message}" }
    onRecovery { alert 'info', 'replication-watch: standbys and slots are fine again' }
}
