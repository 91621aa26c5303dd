package io.watchkeeper.toolkit.settings;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.units.Bytes;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a server is set to, and what has to be known to judge that. Questions about a setting that the server does not have, or does not
 * show to the role, are answered with nothing or no.
 */
final class ServerSettings {

    /**
     * What is known of the server stands in every row. A session's own values are not what others get: those are in reset_val. Sizes are by the
     * planner's pages: asking the file system about ten thousand tables takes seconds.
     */
    private static final String SETTINGS = """
            with facts as materialized (
                select pg_is_in_recovery(), quote_ident(current_user),
                       has_table_privilege('pg_file_settings', 'select')
                           and has_function_privilege('pg_show_all_file_settings()', 'execute'),
                       (select coalesce(sum(relpages), 0) * current_setting('block_size')::bigint
                          from pg_class where relkind in ('r', 'i', 'm', 't')))
            select name, coalesce(reset_val, ''), coalesce(unit, ''), context, source, coalesce(boot_val, ''), pending_restart, facts.*
              from pg_settings, facts
             where pending_restart or name like 'enable\\_%' and vartype = 'bool' or name in (
                   'allow_alter_system', 'archive_command', 'archive_library', 'archive_mode', 'archive_timeout', 'autovacuum',
                   'autovacuum_analyze_scale_factor', 'autovacuum_freeze_max_age', 'autovacuum_max_workers',
                   'autovacuum_multixact_freeze_max_age', 'autovacuum_vacuum_cost_delay', 'autovacuum_vacuum_cost_limit',
                   'autovacuum_vacuum_scale_factor', 'autovacuum_work_mem', 'checkpoint_completion_target', 'checkpoint_timeout',
                   'data_checksums', 'effective_cache_size', 'fsync', 'full_page_writes', 'idle_in_transaction_session_timeout',
                   'ignore_checksum_failure', 'log_autovacuum_min_duration', 'log_checkpoints', 'log_connections',
                   'log_destination', 'log_disconnections', 'log_line_prefix', 'log_lock_waits', 'log_min_duration_sample',
                   'log_min_duration_statement', 'log_min_error_statement', 'log_min_messages', 'log_rotation_age',
                   'log_rotation_size', 'log_statement', 'log_temp_files', 'logging_collector', 'maintenance_work_mem',
                   'max_connections', 'max_wal_size', 'pgaudit.log', 'shared_buffers', 'synchronous_commit', 'synchronous_standby_names',
                   'track_counts', 'vacuum_cost_limit', 'wal_compression', 'wal_level', 'work_mem',
                   'zero_damaged_pages')""";

    private final Map<String, Setting> settings = new TreeMap<>();
    private final Facts facts;

    /**
     * @param role as SQL text
     * @param databaseSize by the planner's pages
     */
    record Facts(boolean standby, String role, boolean seesFiles, Bytes databaseSize) {

        static Facts read(ResultSet row) throws SQLException {
            return new Facts(
                    row.getBoolean(8), row.getString(9), row.getBoolean(10), Bytes.of(Math.max(0, row.getLong(11))));
        }
    }

    private ServerSettings(Facts facts) {
        this.facts = facts;
    }

    static ServerSettings read(Session session) throws SQLException {
        List<Map.Entry<Facts, Setting>> rows =
                session.listVerbatim(SETTINGS, row -> Map.entry(Facts.read(row), Setting.read(row)));
        ServerSettings read = new ServerSettings(rows.get(0).getKey());
        rows.forEach(row -> read.settings.put(row.getValue().name(), row.getValue()));
        return read;
    }

    Facts facts() {
        return facts;
    }

    boolean standby() {
        return facts.standby();
    }

    Collection<Setting> all() {
        return settings.values();
    }

    @Nullable
    Setting get(String name) {
        return settings.get(name);
    }

    /** Empty where there is no such setting. */
    Optional<String> value(String name) {
        return Optional.ofNullable(settings.get(name)).map(Setting::value);
    }

    boolean is(String name, String value) {
        return value(name).equals(Optional.of(value));
    }

    /** What there is to compare with: a setting that is not there compares with nothing. */
    Optional<Double> number(String name) {
        return Optional.ofNullable(settings.get(name)).map(Setting::number);
    }

    boolean isBelow(String name, double limit) {
        return number(name).filter(value -> value < limit).isPresent();
    }

    boolean isAbove(String name, double limit) {
        return number(name).filter(value -> value > limit).isPresent();
    }

    Optional<Bytes> size(String name) {
        return Optional.ofNullable(settings.get(name)).flatMap(Setting::size);
    }

    Optional<Duration> time(String name) {
        return Optional.ofNullable(settings.get(name)).flatMap(Setting::time);
    }

    /** As people say it. */
    String words(String name) {
        Setting setting = settings.get(name);
        return setting == null ? "unknown" : setting.words();
    }
}
