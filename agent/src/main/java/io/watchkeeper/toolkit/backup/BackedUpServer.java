package io.watchkeeper.toolkit.backup;

import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a server says of itself before a base backup of it is made.
 *
 * @param version as the server says it
 * @param standby whether it is in recovery
 * @param bytes of all databases that the role may look at
 * @param methods of compression that it is built with, besides gzip
 * @param now by its own clock
 * @param position where its log is
 * @param tablespaces besides the two that every cluster has
 */
record BackedUpServer(
        int major,
        String version,
        String databaseName,
        boolean standby,
        long systemId,
        long timeline,
        long walSegmentSize,
        long bytes,
        int maxWalSenders,
        int walSenders,
        String role,
        boolean mayReplicate,
        String walLevel,
        boolean summarizesWal,
        Set<String> methods,
        Instant now,
        Lsn position,
        List<Tablespace> tablespaces) {

    /** @param location the folder on the server */
    record Tablespace(long oid, String name, String location) {}

    private static final String FACTS = """
            select current_setting('server_version_num')::int / 10000,
                   current_setting('server_version'),
                   current_database(),
                   pg_is_in_recovery(),
                   (select system_identifier from pg_control_system()),
                   case when pg_is_in_recovery() then (select timeline_id from pg_control_checkpoint())
                        else ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint end,
                   pg_size_bytes(current_setting('wal_segment_size')),
                   (select coalesce(sum(case when has_database_privilege(oid, 'connect')
                                               or pg_has_role('pg_read_all_stats', 'usage')
                                             then pg_database_size(oid) end), 0) from pg_database)::bigint,
                   current_setting('max_wal_senders')::int,
                   (select count(*) from pg_stat_get_wal_senders())::int,
                   session_user,
                   (select rolreplication or rolsuper from pg_roles where rolname = session_user),
                   current_setting('wal_level'),
                   coalesce(current_setting('summarize_wal', true), 'off') = 'on',
                   (select enumvals from pg_settings where name = 'wal_compression'),
                   extract(epoch from clock_timestamp()) * 1000,
                   case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end""";

    private static final String TABLESPACES = """
            select oid::bigint, spcname, pg_tablespace_location(oid) from pg_tablespace
             where pg_tablespace_location(oid) like '/%' order by oid""";

    static BackedUpServer read(Session session) throws SQLException {
        List<Tablespace> tablespaces =
                session.list(TABLESPACES, row -> new Tablespace(row.getLong(1), row.getString(2), row.getString(3)));
        return session.one(
                FACTS,
                row -> new BackedUpServer(
                        row.getInt(1),
                        row.getString(2),
                        row.getString(3),
                        row.getBoolean(4),
                        row.getLong(5),
                        row.getLong(6),
                        row.getLong(7),
                        row.getLong(8),
                        row.getInt(9),
                        row.getInt(10),
                        row.getString(11),
                        row.getBoolean(12),
                        row.getString(13),
                        row.getBoolean(14),
                        texts(row, 15),
                        Instant.ofEpochMilli((long) row.getDouble(16)),
                        Lsn.parse(row.getString(17)).orElseThrow(),
                        tablespaces));
    }

    private static Set<String> texts(ResultSet row, int column) throws SQLException {
        @Nullable Array array = row.getArray(column);
        return array == null ? Set.of() : Set.of((String[]) array.getArray());
    }

    /** @throws OperatorException when it would refuse any base backup */
    void requireReady(String database) {
        if (!mayReplicate) {
            throw new OperatorException(
                    "role '" + role + "' may not take base backups of database '" + database + "'",
                    "as a superuser there: ALTER ROLE " + role + " REPLICATION; and pg_hba.conf needs a line"
                            + " 'host replication " + role + " ADDRESS scram-sha-256'.");
        }
        if (walLevel.equals("minimal")) {
            throw new OperatorException(
                    "wal_level is minimal on database '" + database + "', which allows no base backups",
                    "ALTER SYSTEM SET wal_level = 'replica'; it needs a restart of the server.");
        }
        // One sends the files, and one the log that is written meanwhile.
        if (maxWalSenders - walSenders < 2) {
            throw new OperatorException(
                    "a base backup of database '" + database + "' needs 2 WAL senders, and " + walSenders + " of "
                            + maxWalSenders + " are in use",
                    "raise max_wal_senders on the server (it needs a restart), or end a base backup or receiver"
                            + " that is left over: SELECT pid, application_name, state FROM pg_stat_replication.");
        }
    }
}
