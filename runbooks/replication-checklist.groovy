// The daily look at replication as a whole: who looks after failover, whether every standby is connected and near, what slots keep, whether
// settings leave room, what commits wait for, and who may log in how. Ticks itself: each check stands in the run with its evidence.
//
// Edit here: the database that is the primary, and how many standbys it has.
runbook('replication-checklist') {
    description 'Checks standbys, slots, settings, synchronous names and authentication once a day.'
    owner 'dba-oncall'
    schedule {
        cron '0 15 6 * * ?'
        jitter 5.minutes
        missed runOnce, maxAge: 12.hours
    }
    policy {
        timeout 5.minutes
        retry 3, 30.seconds
    }
    param 'standbys', '0'
    param 'failAtLagSeconds', '300'
    param 'failAtRetainedGigabytes', '10'

    step('failover manager') {
        def found = failoverCluster('shore')
        check('the failover manager answers and nothing keeps it from acting', found.problem() == '')
        check('there is a leader', found.manager() == 'none' || found.leader() != '')
    }
    step('standbys') {
        def expected = param('standbys').toInteger()
        def limit = param('failAtLagSeconds').toInteger()
        def connected = query('shore', '''
            select application_name, host(client_addr) as address, state, sync_state,
                coalesce(extract(epoch from replay_lag), 0)::bigint as seconds,
                pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::bigint as bytes
            from pg_stat_replication where state <> 'backup'
            order by replay_lag desc nulls last
        ''')
        check("at least ${expected} standbys are connected", connected.size() >= expected)
        check('every one of them streams', connected.every { it.state == 'streaming' })
        check('replay lag of the slowest, in seconds', connected ? connected[0].seconds : 0) {
            warn 60
            fail limit
            evidence connected
            remedy 'see what it replays: select * from pg_stat_activity there; long queries hold replay up'
        }
    }
    step('slots') {
        def limit = param('failAtRetainedGigabytes').toInteger()
        def slots = query('shore', '''
            select slot_name, slot_type, active, coalesce(wal_status, 'none') as wal_status,
                round(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) / 1024.0 ^ 3, 3) as gigabytes
            from pg_replication_slots where restart_lsn is not null or wal_status = 'lost'
            order by gigabytes desc nulls last
        ''')
        check('no slot has lost its log', slots.every { it.wal_status != 'lost' })
        check('WAL kept for the slot furthest behind, in gigabytes', slots ? (slots[0].gigabytes ?: 0) : 0) {
            warn 1
            fail limit
            evidence slots
            remedy "when its reader is gone for good: select pg_drop_replication_slot('…')"
        }
    }
    step('settings') {
        def room = query('shore', '''
            select current_setting('wal_level') as wal_level,
                current_setting('max_wal_senders')::int - (select count(*) from pg_stat_replication)::int as senders,
                current_setting('max_replication_slots')::int - (select count(*) from pg_replication_slots)::int as slots,
                current_setting('max_slot_wal_keep_size') as slot_limit,
                current_setting('wal_keep_size') as keep,
                current_setting('data_checksums') = 'on' or current_setting('wal_log_hints') = 'on' as rewindable
        ''')
        check('wal_level lets standbys follow', room[0].wal_level != 'minimal')
        check('there is room for another sender and slot', room[0].senders > 0 && room[0].slots > 0)
        check('settings that leave a risk', [room[0].slot_limit == '-1', !room[0].rewindable].count { it }) {
            warn 1
            evidence room
            remedy 'max_slot_wal_keep_size bounds what a slot may keep; wal_log_hints or checksums let pg_rewind bring an old primary back'
        }
    }
    step('synchronous names') {
        synchronousStandbys('shore')
    }
    step('authentication') {
        authenticationReview('shore') { accept 'localTrust' }
    }
    onFailure  { alert 'warning', "replication-checklist: ${error.message}" }
    onRecovery { alert 'info', 'replication-checklist: everything is in order again' }
}
