package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A subscription as its server shows it.
 *
 * @param id the catalogue's
 * @param slot null when it has none
 * @param running whether its worker applies changes right now
 * @param progress what it has applied, durably: a server that crashes now has this much; null when nothing yet
 * @param applyErrors counted since the subscription was made; 0 before PostgreSQL 15, which does not count
 * @param syncErrors likewise, of copying tables
 * @param conflicts with rows that were there, by kind; those that were counted, from PostgreSQL 18 on
 * @param tables its tables and their states as in {@code pg_subscription_rel}: i, d, f, s while copied, r when ready
 */
record SubscriptionState(
        long id,
        boolean enabled,
        @Nullable String slot,
        List<String> publications,
        boolean running,
        @Nullable Lsn progress,
        long applyErrors,
        long syncErrors,
        Map<String, Long> conflicts,
        Map<TableName, String> tables) {

    private static final int COUNTS_ERRORS = 15;

    private static final String SUBSCRIPTION = """
            select s.oid::bigint, s.subenabled, s.subslotname, s.subpublications,
                   exists (select from pg_stat_subscription w where w.subid = s.oid and w.relid is null and w.pid is not null),
                   -- With flush: a position that a crash could take back is none to start from.
                   (select pg_replication_origin_progress(o.roname, true) from pg_replication_origin o
                     where o.roname = 'pg_' || s.oid)::text,
                   %s
              from pg_subscription s
             where s.subname = ? and s.subdbid = (select oid from pg_database where datname = current_database())""";

    static Optional<SubscriptionState> read(Session target, String name, int majorVersion) throws SQLException {
        String errors = majorVersion < COUNTS_ERRORS ? "0, 0" : """
                  coalesce((select apply_error_count from pg_stat_subscription_stats e where e.subid = s.oid), 0),
                   coalesce((select sync_error_count from pg_stat_subscription_stats e where e.subid = s.oid), 0)""";
        List<SubscriptionState> found = target.list(
                SUBSCRIPTION.formatted(errors),
                row -> new SubscriptionState(
                        row.getLong(1),
                        row.getBoolean(2),
                        row.getString(3),
                        List.of((String[]) row.getArray(4).getArray()),
                        row.getBoolean(5),
                        StreamLedger.lsn(row.getString(6)),
                        row.getLong(7),
                        row.getLong(8),
                        Map.of(),
                        Map.of()),
                name);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Map<String, Long> conflicts = majorVersion < COUNTS_ERRORS ? Map.of() : conflicts(target, found.get(0).id);
        return Optional.of(found.get(0).with(tables(target, found.get(0).id), conflicts));
    }

    /** By way of JSON, because only newer servers have these columns. */
    private static Map<String, Long> conflicts(Session target, long id) throws SQLException {
        Map<String, Long> conflicts = new LinkedHashMap<>();
        target.list("""
                select substr(j.key, 7), j.value::bigint
                  from pg_stat_subscription_stats s, jsonb_each_text(to_jsonb(s)) j
                 where s.subid = ? and starts_with(j.key, 'confl_') and j.value <> '0' order by 1""", row -> conflicts.put(row.getString(1), row.getLong(2)), id);
        return conflicts;
    }

    private static Map<TableName, String> tables(Session target, long id) throws SQLException {
        Map<TableName, String> states = new LinkedHashMap<>();
        target.list(
                "select n.nspname, c.relname, r.srsubstate::text from pg_subscription_rel r join pg_class c on c.oid = r.srrelid"
                        + " join pg_namespace n on n.oid = c.relnamespace where r.srsubid = ? order by 1, 2",
                row -> states.put(new TableName(row.getString(1), row.getString(2)), row.getString(3)),
                id);
        return states;
    }

    private SubscriptionState with(Map<TableName, String> itsTables, Map<String, Long> itsConflicts) {
        return new SubscriptionState(
                id, enabled, slot, publications, running, progress, applyErrors, syncErrors, itsConflicts, itsTables);
    }

    boolean isReady(TableName table) {
        return "r".equals(tables.get(table));
    }

    boolean allReady() {
        return tables.values().stream().allMatch("r"::equals);
    }

    /** What a state in the catalogue means. */
    static String words(String state) {
        return switch (state) {
            case "i" -> "waits to be copied";
            case "d" -> "is copied";
            case "f" -> "copied";
            case "s" -> "catches up";
            case "r" -> "streams";
            default -> state;
        };
    }
}
