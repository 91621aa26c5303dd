package io.watchkeeper.testing;

import io.watchkeeper.postgres.DatabaseSettings;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a database and its server are and hold, so that a test can say that something left them as they were: catalogue, settings,
 * roles, slots, sequences, every row, and how often anyone vacuumed or analyzed by hand.
 *
 * <p>What the server does by itself (autovacuum, checkpoints, statistics) is not part of it.
 *
 * @param parts what was looked at, to one line per thing found
 */
public record ServerFingerprint(Map<String, List<String>> parts) {

    private static final String USER_SCHEMAS =
            " not in ('pg_catalog', 'information_schema') and %1$s not like 'pg_toast%%' and %1$s not like 'pg_temp%%'";

    /** Each returns one text per row. A relation's file node changes when it is truncated or rewritten, even with the same rows. */
    private static final Map<String, String> QUESTIONS = Map.ofEntries(
            Map.entry(
                    "relations",
                    "select concat_ws(' ', c.oid::regclass, relkind, relpersistence, relfilenode, relhastriggers, reloptions, relowner::regrole, relacl)"
                            + " from pg_class c join pg_namespace n on n.oid = relnamespace where nspname"
                            + userSchemas("nspname")),
            Map.entry(
                    "columns",
                    "select concat_ws(' ', attrelid::regclass, attnum, attname, atttypid::regtype, attnotnull, attisdropped, attstattarget, attidentity, attgenerated)"
                            + " from pg_attribute a join pg_class c on c.oid = attrelid join pg_namespace n on n.oid = relnamespace"
                            + " where attnum > 0 and nspname" + userSchemas("nspname")),
            Map.entry(
                    "constraints",
                    "select concat_ws(' ', conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid)) from pg_constraint where oid >= 16384"),
            Map.entry(
                    "indexes",
                    "select concat_ws(' ', indexrelid::regclass, indisvalid, indisready, pg_get_indexdef(indexrelid)) from pg_index"
                            + " where indrelid >= 16384"),
            Map.entry(
                    "triggers",
                    "select concat_ws(' ', tgrelid::regclass, tgname, tgenabled) from pg_trigger where oid >= 16384"),
            Map.entry(
                    "functions",
                    "select concat_ws(' ', oid::regprocedure, md5(prosrc)) from pg_proc where oid >= 16384"),
            Map.entry(
                    "schemas",
                    "select concat_ws(' ', nspname, nspacl) from pg_namespace where nspname" + userSchemas("nspname")),
            Map.entry(
                    "sequences",
                    "select concat_ws(' ', schemaname, sequencename, last_value, start_value, increment_by) from pg_sequences"),
            Map.entry("extensions", "select concat_ws(' ', extname, extversion) from pg_extension"),
            Map.entry("servers", "select concat_ws(' ', srvname, srvoptions) from pg_foreign_server"),
            Map.entry("publications", "select concat_ws(' ', pubname, puballtables) from pg_publication"),
            Map.entry("slots", "select concat_ws(' ', slot_name, slot_type, temporary) from pg_replication_slots"),
            Map.entry("prepared", "select gid from pg_prepared_xacts"),
            Map.entry("databases", "select concat_ws(' ', datname, datacl, datconnlimit) from pg_database"),
            Map.entry(
                    "roles",
                    "select concat_ws(' ', rolname, rolsuper, rolcanlogin, rolreplication, rolconnlimit, rolconfig) from pg_roles"),
            Map.entry("members", "select concat_ws(' ', roleid::regrole, member::regrole) from pg_auth_members"),
            Map.entry(
                    "role settings", "select concat_ws(' ', setdatabase, setrole, setconfig) from pg_db_role_setting"),
            Map.entry(
                    "settings",
                    "select concat_ws(' ', name, reset_val, source) from pg_settings where source not in ('default', 'override', 'client', 'session')"),
            Map.entry(
                    "vacuumed or analyzed by hand",
                    "select concat_ws(' ', relid::regclass, vacuum_count, analyze_count) from pg_stat_user_tables"));

    /** The fingerprint of the database and of the server it is on. */
    public static ServerFingerprint of(DatabaseSettings settings) {
        String password = settings.password() == null ? "" : settings.password().reveal();
        try (Connection connection = DriverManager.getConnection(settings.url(), settings.user(), password)) {
            Map<String, List<String>> parts = new TreeMap<>();
            for (Map.Entry<String, String> question : QUESTIONS.entrySet()) {
                parts.put(question.getKey(), lines(connection, question.getValue()));
            }
            parts.put("rows", rows(connection));
            return new ServerFingerprint(parts);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What is different now: a line per thing that went ({@code -}) or came ({@code +}). Empty when nothing is. */
    public List<String> changesSince(ServerFingerprint before) {
        List<String> changes = new ArrayList<>();
        parts.forEach((part, now) -> {
            List<String> then = before.parts.getOrDefault(part, List.of());
            then.stream().filter(line -> !now.contains(line)).forEach(line -> changes.add("- " + part + ": " + line));
            now.stream().filter(line -> !then.contains(line)).forEach(line -> changes.add("+ " + part + ": " + line));
        });
        return changes;
    }

    /** One line per table, of its row count and the sum of the rows' hashes. */
    private static List<String> rows(Connection connection) throws SQLException {
        List<String> digests = new ArrayList<>();
        for (String select : lines(
                connection,
                "select format('select concat_ws('' '', %L, count(*), sum(hashtextextended(t::text, 0))) from %s t',"
                        + " c.oid::regclass, c.oid::regclass) from pg_class c join pg_namespace n on n.oid = relnamespace"
                        + " where relkind in ('r', 'm') and nspname" + userSchemas("nspname"))) {
            digests.addAll(lines(connection, select));
        }
        return digests;
    }

    private static List<String> lines(Connection connection, String question) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(question + " order by 1")) {
            List<String> lines = new ArrayList<>();
            while (rows.next()) {
                lines.add(rows.getString(1));
            }
            return lines;
        }
    }

    private static String userSchemas(String column) {
        return USER_SCHEMAS.formatted(column);
    }
}
