package io.watchkeeper.toolkit.replication;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.replicas.ReplicatingServer.Receiver;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a server says of its replication at one look, before anybody makes sense of it. One statement for all of it, the same one for
 * every version of PostgreSQL from 12 on: columns that a version does not have are read through JSON, where they are missing quietly.
 *
 * @param system the cluster's identifier; empty where it is not told
 * @param timeline 0 on a standby that nobody sends to
 * @param position the end of the log here: written, or received, or replayed if that is more
 * @param identity how this server calls itself where it gets its log; null on a primary
 * @param receiver null on a primary, and on a standby that nobody sends to
 * @param mayListWal whether the role may see what the log takes on disk
 * @param dataDirectory null where the role may not see it
 * @param subscriptions the slots that subscriptions of this database read, wherever those are
 * @param hidden whether there are connections that the role may not see
 */
record ServerLook(
        boolean standby,
        String system,
        int timeline,
        Lsn position,
        @Nullable Identity identity,
        @Nullable Receiver receiver,
        Map<String, Long> conflicts,
        boolean mayListWal,
        @Nullable String dataDirectory,
        Set<String> subscriptions,
        boolean hidden,
        List<Sender> senders,
        List<Slot> slots) {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String STATEMENT = """
            with here as (
                select standby, receive, replay, case when standby then greatest(receive, replay) else pg_current_wal_lsn() end as lsn
                  from (select pg_is_in_recovery() as standby, pg_last_wal_receive_lsn() as receive,
                               pg_last_wal_replay_lsn() as replay) r)
            select json_build_object(
                'standby', standby,
                'system', (select system_identifier::text from pg_control_system()),
                'timeline', case when standby then null else substr(pg_walfile_name(lsn), 1, 8) end,
                'position', lsn,
                'received', receive,
                'behind', pg_wal_lsn_diff(receive, replay)::bigint,
                'replayedAgo', extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp())::float8,
                'paused', case when standby then pg_is_wal_replay_paused() end,
                'cluster', current_setting('cluster_name'),
                'application', case when standby and pg_has_role('pg_read_all_settings', 'usage')
                    then (regexp_match(current_setting('primary_conninfo', true), 'application_name *= *''?([^''&[:space:]]+)'))[1] end,
                'slot', case when standby then current_setting('primary_slot_name', true) end,
                'dataDirectory', case when pg_has_role('pg_read_all_settings', 'usage') then current_setting('data_directory') end,
                'mayListWal', has_function_privilege('pg_ls_waldir()', 'execute'),
                'subscriptions', (select coalesce(json_agg(subslotname), '[]') from pg_subscription
                    where subslotname is not null
                      and subdbid = (select oid from pg_database where datname = current_database())),
                'hidden', exists (select from pg_stat_replication where state is null),
                'receiver', case when standby then (select json_build_object('status', w ->> 'status', 'host', w ->> 'sender_host',
                    'port', w ->> 'sender_port', 'timeline', w ->> 'received_tli')
                    from (select to_jsonb(r) as w from pg_stat_wal_receiver r) as receiver) end,
                'conflicts', case when standby then (select json_object_agg(kind, total) from (
                    select substr(key, 7) as kind, sum(value::bigint)::bigint as total
                      from pg_stat_database_conflicts c, jsonb_each_text(to_jsonb(c))
                     where key like 'confl\\_%' group by key) as sums) end,
                'senders', (select coalesce(json_agg(json_build_object('pid', r.pid, 'application', r.application_name,
                    'address', host(r.client_addr), 'state', r.state, 'sync', r.sync_state, 'slot', s.slot_name,
                    'logical', s.slot_type = 'logical', 'sent', r.sent_lsn, 'write', r.write_lsn, 'flush', r.flush_lsn,
                    'replay', r.replay_lsn, 'lag', extract(epoch from r.replay_lag)::float8)
                    order by r.backend_start, r.pid), '[]')
                    from pg_stat_replication r left join pg_replication_slots s on s.active_pid = r.pid),
                'slots', (select coalesce(json_agg(json_build_object('name', s ->> 'slot_name', 'logical', s ->> 'slot_type' = 'logical',
                    'active', s -> 'active', 'temporary', s -> 'temporary', 'restart', s ->> 'restart_lsn',
                    'confirmed', s ->> 'confirmed_flush_lsn', 'walStatus', s ->> 'wal_status', 'safe', s ->> 'safe_wal_size',
                    'inactiveSince', s ->> 'inactive_since') order by s ->> 'slot_name'), '[]')
                    from (select to_jsonb(l) as s from pg_replication_slots l) as slots))::text
              from here""";

    /**
     * How a standby presents itself.
     *
     * @param application the application_name that its connection has
     * @param slot empty without one
     */
    record Identity(String application, String slot) {

        /** What every standby calls itself that was not given a name. */
        static final String UNNAMED = "walreceiver";
    }

    /** A connection that log goes out by. @param lag as PostgreSQL measures it; null when it does not */
    record Sender(
            int pid,
            String application,
            @Nullable String address,
            String state,
            String sync,
            @Nullable String slot,
            boolean logical,
            @Nullable Lsn sent,
            @Nullable Lsn write,
            @Nullable Lsn flush,
            @Nullable Lsn replay,
            @Nullable Double lag) {

        private static final String TABLE_SYNC = "pg_[0-9]+_sync_[0-9]+.*";

        /** Whether it replays what it gets, as opposed to one that only keeps it, a backup, and the first copy of a subscribed table. */
        boolean isReplica() {
            boolean keeps = !logical && replay == null && write != null;
            boolean copies = logical && (application.matches(TABLE_SYNC) || (slot != null && slot.matches(TABLE_SYNC)));
            return !state.equals("backup") && !keeps && !copies;
        }

        /** Whether it only keeps the log, as pg_receivewal does. */
        boolean isArchive() {
            return !isReplica() && !logical;
        }
    }

    /** A slot. @param inactiveSince where the server tells it, from version 17 on */
    record Slot(
            String name,
            boolean logical,
            boolean active,
            boolean temporary,
            @Nullable Lsn restart,
            @Nullable Lsn confirmed,
            String walStatus,
            long safeBytes,
            @Nullable Instant inactiveSince) {}

    /** Asks the server. */
    static ServerLook at(Session session) throws SQLException {
        return parse(session.oneVerbatim(STATEMENT, row -> row.getString(1)));
    }

    /** Bytes that the log takes on disk: reads every file's size, so it is asked for seldom. */
    static long walBytes(Session session) throws SQLException {
        return session.one("select coalesce(sum(size), 0)::bigint from pg_ls_waldir()", row -> row.getLong(1));
    }

    private static ServerLook parse(String text) throws SQLException {
        JsonNode json;
        try {
            json = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new SQLException("the server's answer is no JSON: " + text, e);
        }
        boolean standby = json.path("standby").asBoolean();
        Lsn position = lsn(json.path("position"));
        List<Sender> senders = new ArrayList<>();
        json.path("senders").forEach(row -> senders.add(sender(row)));
        List<Slot> slots = new ArrayList<>();
        json.path("slots").forEach(row -> slots.add(slot(row)));
        Set<String> subscriptions = new TreeSet<>();
        json.path("subscriptions").forEach(slot -> subscriptions.add(slot.asText()));
        Map<String, Long> conflicts = new TreeMap<>();
        json.path("conflicts")
                .properties()
                .forEach(entry -> conflicts.put(entry.getKey(), entry.getValue().asLong()));
        return new ServerLook(
                standby,
                json.path("system").asText(""),
                timeline(json),
                position == null ? new Lsn(0) : position,
                standby ? identity(json) : null,
                receiver(json),
                conflicts,
                json.path("mayListWal").asBoolean(),
                text(json.path("dataDirectory")),
                subscriptions,
                json.path("hidden").asBoolean(),
                senders,
                slots);
    }

    private static int timeline(JsonNode json) {
        String ofPrimary = text(json.path("timeline"));
        return ofPrimary != null
                ? Integer.parseInt(ofPrimary, 16)
                : json.path("receiver").path("timeline").asInt(0);
    }

    private static Identity identity(JsonNode json) {
        String application = text(json.path("application"));
        String cluster = json.path("cluster").asText("");
        return new Identity(
                application != null ? application : cluster.isEmpty() ? Identity.UNNAMED : cluster,
                json.path("slot").asText(""));
    }

    private static @Nullable Receiver receiver(JsonNode json) {
        JsonNode receiver = json.path("receiver");
        if (!receiver.isObject()) {
            return null;
        }
        String host = receiver.path("host").asText("");
        long behind = Math.max(0, json.path("behind").asLong(0));
        double ago = json.path("replayedAgo").asDouble(-1);
        return new Receiver(
                receiver.path("status").asText(""),
                host.isEmpty() ? "" : host + ":" + receiver.path("port").asText(""),
                behind,
                behind == 0 ? 0 : ago,
                json.path("paused").asBoolean());
    }

    private static Sender sender(JsonNode row) {
        return new Sender(
                row.path("pid").asInt(),
                row.path("application").asText(""),
                text(row.path("address")),
                row.path("state").asText(""),
                row.path("sync").asText(""),
                text(row.path("slot")),
                row.path("logical").asBoolean(),
                lsn(row.path("sent")),
                lsn(row.path("write")),
                lsn(row.path("flush")),
                lsn(row.path("replay")),
                row.path("lag").isNumber() ? row.path("lag").asDouble() : null);
    }

    private static Slot slot(JsonNode row) {
        String since = text(row.path("inactiveSince"));
        return new Slot(
                row.path("name").asText(""),
                row.path("logical").asBoolean(),
                row.path("active").asBoolean(),
                row.path("temporary").asBoolean(),
                lsn(row.path("restart")),
                lsn(row.path("confirmed")),
                row.path("walStatus").asText(""),
                Optional.ofNullable(text(row.path("safe"))).map(Long::parseLong).orElse(-1L),
                since == null ? null : OffsetDateTime.parse(since).toInstant());
    }

    private static @Nullable String text(JsonNode node) {
        return node.isMissingNode() || node.isNull() || node.asText().isEmpty() ? null : node.asText();
    }

    private static @Nullable Lsn lsn(JsonNode node) {
        String text = text(node);
        return text == null ? null : Lsn.parse(text).orElse(null);
    }
}
