package io.watchkeeper.history;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.audit.Anchor;
import io.watchkeeper.audit.AuditEntry;
import io.watchkeeper.audit.AuditEvent;
import io.watchkeeper.audit.AuditQuery;
import io.watchkeeper.files.FileDigest;
import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The rows of the audit trail. {@code entry} is the canonical JSON of everything that is told; {@code hash} is the SHA-256 of
 * the hash before, a line feed, and {@code entry}. The other columns repeat what is in the entry, to search by.
 */
final class AuditRows {

    /** What stands as the hash before the first entry. */
    static final String BEGINNING = "0".repeat(64);

    private static final String SELECT =
            "select position, at, actor, action, subject, entry, previous, hash from audit";

    private static final int LONGEST_TEXT = 4 * 1024;
    private static final int LONGEST_ENTRY = 64 * 1024;
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final ObjectMapper JSON = new ObjectMapper();

    private AuditRows() {}

    /** A row as it stands in the store, whether it is true or not. */
    record Row(
            long position,
            String at,
            String actor,
            String action,
            String subject,
            String entry,
            String previous,
            String hash) {

        /** What the hash should be. */
        String digest() {
            return AuditRows.digest(previous, entry);
        }

        /** Whether the columns say what the entry says, and it has a time. */
        boolean agrees() {
            Map<String, String> told = told(entry);
            return String.valueOf(position).equals(told.get("position"))
                    && at.equals(told.get("at"))
                    && StoredText.instant(at).isPresent()
                    && actor.equals(told.get("actor"))
                    && action.equals(told.get("action"))
                    && subject.equals(told.get("subject"));
        }

        /** Somebody may have written anything into the store: verifying says so, and the rest can still be read. */
        AuditEntry read() {
            Map<String, Object> fields = fields(entry);
            return new AuditEntry(
                    position,
                    StoredText.instant(at).orElse(Instant.EPOCH),
                    text(fields, "host"),
                    actor,
                    text(fields, "from"),
                    action,
                    subject,
                    text(fields, "result"),
                    details(fields),
                    entry,
                    previous,
                    hash);
        }
    }

    static String digest(String previous, String entry) {
        return FileDigest.of((previous + "\n" + entry).getBytes(StandardCharsets.UTF_8));
    }

    /** Adds an entry after the newest, which nobody else can do until the transaction has ended. Secrets are left out. */
    static Anchor append(Connection connection, AuditEvent event, String host, Instant now) throws SQLException {
        return appendOwn(connection, redacted(event), host, now);
    }

    /** Adds what the trail says of itself. As it is: a short password may well be part of a hash, and the hash is needed. */
    static Anchor appendOwn(Connection connection, AuditEvent event, String host, Instant now) throws SQLException {
        Optional<Anchor> head = head(connection);
        long position = head.map(Anchor::position).orElse(0L) + 1;
        String previous = head.map(Anchor::hash).orElse(BEGINNING);
        String at = StoredText.of(now);
        String entry = entry(event, host, position, at);
        Map<String, String> told = told(entry);
        String hash = digest(previous, entry);
        try (PreparedStatement insert = connection.prepareStatement("""
                insert into audit (position, at, actor, action, subject, entry, previous, hash)
                values (?, ?, ?, ?, ?, ?, ?, ?)
                """)) {
            insert.setLong(1, position);
            insert.setString(2, at);
            // As the entry has them, shortened.
            insert.setString(3, told.get("actor"));
            insert.setString(4, told.get("action"));
            insert.setString(5, told.get("subject"));
            insert.setString(6, entry);
            insert.setString(7, previous);
            insert.setString(8, hash);
            insert.executeUpdate();
        }
        return new Anchor(position, hash);
    }

    /** Only what comes from outside: names, times and actions hold no secret, and without them an entry means nothing. */
    private static AuditEvent redacted(AuditEvent event) {
        Map<String, Object> details = new HashMap<>();
        event.details().forEach((name, value) -> details.put(name, redactedValue(value)));
        return new AuditEvent(
                Secret.redact(event.actor()),
                Secret.redact(event.from()),
                event.action(),
                Secret.redact(event.subject()),
                Secret.redact(event.result()),
                details);
    }

    private static Object redactedValue(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> result = new HashMap<>();
            map.forEach((name, one) -> result.put(String.valueOf(name), one == null ? null : redactedValue(one)));
            return result;
        }
        if (value instanceof Iterable<?> list) {
            List<@Nullable Object> result = new ArrayList<>();
            list.forEach(one -> result.add(one == null ? null : redactedValue(one)));
            return result;
        }
        return value instanceof Number || value instanceof Boolean ? value : Secret.redact(value.toString());
    }

    private static String entry(AuditEvent event, String host, long position, String at) {
        Map<String, Object> fields = new HashMap<>();
        fields.put("position", position);
        fields.put("at", at);
        fields.put("host", host);
        fields.put("actor", event.actor());
        fields.put("from", event.from());
        fields.put("action", event.action());
        fields.put("subject", event.subject());
        fields.put("result", event.result());
        fields.put("details", event.details());
        String entry = CanonicalJson.of(fields, LONGEST_TEXT);
        if (entry.length() > LONGEST_ENTRY) {
            fields.put(
                    "details",
                    Map.of("shortened", "the details had " + entry.length() + " characters, and are left out"));
            entry = CanonicalJson.of(fields, LONGEST_TEXT);
        }
        return entry;
    }

    static Optional<Anchor> head(Connection connection) throws SQLException {
        return one(connection, "select position, hash from audit order by position desc limit 1");
    }

    static Optional<Anchor> oldest(Connection connection) throws SQLException {
        return one(connection, "select position, hash from audit order by position limit 1");
    }

    private static Optional<Anchor> one(Connection connection, String sql) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet row = select.executeQuery()) {
            return row.next() ? Optional.of(new Anchor(row.getLong(1), row.getString(2))) : Optional.empty();
        }
    }

    /** What the rows take, about: a hash and the one before stand beside each entry, and columns and indexes repeat some of it. */
    static long bytes(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                        "select coalesce(sum(octet_length(entry) + 2 * 64 + 3 * (length(actor) + length(action) + length(subject))), 0)"
                                + " from audit");
                ResultSet row = select.executeQuery()) {
            return row.getLong(1);
        }
    }

    static Optional<String> hashAt(Connection connection, long position) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select hash from audit where position = ?")) {
            select.setLong(1, position);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
            }
        }
    }

    /** The rows after the position, oldest first. */
    static List<Row> after(Connection connection, long position, int limit) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement(SELECT + " where position > ? order by position limit ?")) {
            select.setLong(1, position);
            select.setInt(2, limit);
            return rows(select);
        }
    }

    /** Newest first. */
    static List<Row> find(Connection connection, AuditQuery query) throws SQLException {
        StringBuilder sql = new StringBuilder(SELECT).append(" where true");
        List<Object> values = new ArrayList<>();
        matching(sql, values, "actor", query.actor());
        matching(sql, values, "action", query.action());
        matching(sql, values, "subject", query.subject());
        condition(sql, values, "at >= ?", query.since() == null ? null : StoredText.of(query.since()));
        condition(sql, values, "at < ?", query.until() == null ? null : StoredText.of(query.until()));
        condition(sql, values, "position < ?", query.before() > 0 ? query.before() : null);
        sql.append(" order by position desc limit ?");
        values.add(query.limit());
        try (PreparedStatement select = connection.prepareStatement(sql.toString())) {
            for (int i = 0; i < values.size(); i++) {
                select.setObject(i + 1, values.get(i));
            }
            return rows(select);
        }
    }

    /** By the index alone, however many runs the subject had. */
    static Optional<Row> newest(Connection connection, String subject, List<String> actions) throws SQLException {
        String marks = String.join(", ", Collections.nCopies(actions.size(), "?"));
        String sql = SELECT + " indexed by audit_by_subject where subject = ? and action in (" + marks
                + ") order by position desc limit 1";
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, subject);
            for (int i = 0; i < actions.size(); i++) {
                select.setString(i + 2, actions.get(i));
            }
            return rows(select).stream().findFirst();
        }
    }

    static Set<String> subjects(Connection connection, String actionPrefix) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "select distinct subject from audit where substr(action, 1, length(?1)) = ?1")) {
            select.setString(1, actionPrefix);
            Set<String> subjects = new TreeSet<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    subjects.add(row.getString(1));
                }
            }
            return subjects;
        }
    }

    private static void matching(StringBuilder sql, List<Object> values, String column, @Nullable String pattern) {
        if (pattern != null && pattern.contains("*")) {
            condition(
                    sql, values, column + " glob ?", pattern.replace("[", "[[]").replace("?", "[?]"));
        } else {
            condition(sql, values, column + " = ?", pattern);
        }
    }

    private static void condition(StringBuilder sql, List<Object> values, String condition, @Nullable Object value) {
        if (value != null) {
            sql.append(" and ").append(condition);
            values.add(value);
        }
    }

    private static List<Row> rows(PreparedStatement select) throws SQLException {
        List<Row> rows = new ArrayList<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                rows.add(new Row(
                        row.getLong(1),
                        row.getString(2),
                        row.getString(3),
                        row.getString(4),
                        row.getString(5),
                        row.getString(6),
                        row.getString(7),
                        row.getString(8)));
            }
        }
        return rows;
    }

    /** The plain values of the entry by their names; nothing for what is no JSON. */
    private static Map<String, String> told(String entry) {
        Map<String, String> told = new HashMap<>();
        try (JsonParser parser = FACTORY.createParser(entry)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                if (parser.nextToken().isStructStart()) {
                    parser.skipChildren();
                } else {
                    told.put(name, parser.getText());
                }
            }
        } catch (IOException e) {
            told.clear();
        }
        return told;
    }

    private static Map<String, Object> fields(String entry) {
        Map<String, Object> unreadable = Map.of("details", Map.of("unreadable", entry));
        try {
            Map<String, Object> fields = JSON.readValue(entry, new TypeReference<LinkedHashMap<String, Object>>() {});
            return Objects.requireNonNullElse(fields, unreadable);
        } catch (JsonProcessingException e) {
            // Somebody has written into the store; verifying says so, and the rest can still be read.
            return unreadable;
        }
    }

    private static String text(Map<String, Object> fields, String name) {
        return String.valueOf(fields.getOrDefault(name, ""));
    }

    private static Map<String, Object> details(Map<String, Object> fields) {
        Map<String, Object> details = new LinkedHashMap<>();
        if (fields.get("details") instanceof Map<?, ?> map) {
            map.forEach((key, value) -> details.put(String.valueOf(key), value));
        }
        return details;
    }
}
