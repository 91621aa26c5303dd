package io.watchkeeper.toolkit.partition;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What lies in default partitions because no other partition would take it, and how it goes where it belongs. */
final class DefaultRows {

    private static final int ASKED_AT_ONCE = 100;

    /** Rows of more different periods than this are not told apart. */
    private static final int MOST_PERIODS = 5_000;

    private DefaultRows() {}

    /** Those of the tables that hold a row; also those that cannot be looked at now. */
    static Set<TableName> nonEmpty(Session session, List<TableName> tables) throws SQLException {
        Set<TableName> found = new HashSet<>();
        for (int from = 0; from < tables.size(); from += ASKED_AT_ONCE) {
            List<TableName> some = tables.subList(from, Math.min(tables.size(), from + ASKED_AT_ONCE));
            List<String> questions = new ArrayList<>();
            for (int i = 0; i < some.size(); i++) {
                questions.add("select " + i + " where exists (select from "
                        + some.get(i).quoted() + ")");
            }
            try {
                session.listVerbatim(String.join(" union all ", questions), row -> found.add(some.get(row.getInt(1))));
            } catch (SQLException e) {
                if (!session.isUsable()) {
                    throw e;
                }
                // One of them is locked or hidden: each is looked at on its own later, and says so itself.
                found.addAll(some);
            }
        }
        return found;
    }

    /**
     * How many rows lie in it, by what they would need.
     *
     * @param byPeriod in the order of time
     * @param outside rows whose value is null, infinite, or in more periods than can be told apart
     */
    record Counts(Map<Span, Long> byPeriod, long outside) {
        long in(Span span) {
            return byPeriod.entrySet().stream()
                    .filter(e -> e.getKey().overlaps(span))
                    .mapToLong(Map.Entry::getValue)
                    .sum();
        }

        /** Of the periods that the span has nothing of. */
        long beside(Span span) {
            return byPeriod.entrySet().stream()
                            .filter(e -> !e.getKey().overlaps(span))
                            .mapToLong(Map.Entry::getValue)
                            .sum()
                    + outside;
        }
    }

    /** Reads the whole default partition, twice. */
    static Counts count(Session session, TableName table, String column, PartitionCalendar calendar)
            throws SQLException {
        String key = Identifiers.quote(column);
        String from = " from " + table.quoted() + " where isfinite(" + key + ")";
        long all = session.oneVerbatim("select count(*) from " + table.quoted(), row -> row.getLong(1));
        List<String> ends = session.oneVerbatim(
                "select min(" + key + ")::text, max(" + key + ")::text" + from,
                row -> row.getString(1) == null ? List.<String>of() : List.of(row.getString(1), row.getString(2)));
        Map<Span, Long> counts = new HashMap<>();
        if (!ends.isEmpty()) {
            LocalDateTime least = KeyType.parse(ends.get(0)).orElse(LocalDateTime.MIN);
            LocalDateTime most = KeyType.parse(ends.get(1)).orElse(LocalDateTime.MAX);
            if (!least.equals(LocalDateTime.MIN) && !most.equals(LocalDateTime.MAX)) {
                counts.putAll(byPeriod(session, key, from, calendar, least, most));
            }
        }
        Map<Span, Long> sorted = new TreeMap<>(Comparator.comparing(Span::from));
        sorted.putAll(counts);
        return new Counts(
                sorted, all - counts.values().stream().mapToLong(n -> n).sum());
    }

    private static Map<Span, Long> byPeriod(
            Session session,
            String key,
            String from,
            PartitionCalendar calendar,
            LocalDateTime least,
            LocalDateTime most)
            throws SQLException {
        List<Span> periods = new ArrayList<>();
        Span next = calendar.containing(least);
        while (!next.from().isAfter(most) && periods.size() < MOST_PERIODS) {
            periods.add(next);
            next = calendar.containing(next.to());
        }
        KeyType type = calendar.type();
        String limits = periods.stream().map(p -> type.literal(p.from())).collect(Collectors.joining(", "));
        String end = type.literal(periods.get(periods.size() - 1).to());
        Map<Span, Long> counts = new HashMap<>();
        session.listVerbatim(
                "select width_bucket(" + key + ", ARRAY[" + limits + "]::" + type.sql() + "[]), count(*)" + from
                        + " and " + key + " < " + end + " group by 1",
                row -> counts.put(periods.get(row.getInt(1) - 1), row.getLong(2)));
        return counts;
    }

    /**
     * Where to cut a span so that at most so many rows of the table lie before the cut, or those of its first moment alone; the span's end where
     * there are no more.
     */
    static LocalDateTime cut(Session session, TableName table, String column, KeyType type, Span span, int most)
            throws SQLException {
        String key = Identifiers.quote(column);
        List<String> next = session.listVerbatim(
                "select " + key + "::text from " + table.quoted() + " where " + within(key, type, span) + " order by "
                        + key + " offset " + most + " limit 1",
                row -> row.getString(1));
        if (next.isEmpty()) {
            return span.to();
        }
        LocalDateTime cut = KeyType.parse(next.get(0)).orElse(span.to());
        if (cut.isAfter(span.from())) {
            return cut;
        }
        // Rows that share one moment cannot be told apart by it: they go together, and no others with them.
        String later = session.oneVerbatim(
                "select min(" + key + ")::text from " + table.quoted() + " where " + within(key, type, span) + " and "
                        + key + " > " + type.literal(span.from()),
                row -> row.getString(1));
        return later == null ? span.to() : KeyType.parse(later).orElse(span.to());
    }

    private static String within(String key, KeyType type, Span span) {
        return key + " >= " + type.literal(span.from()) + " and " + key + " < " + type.literal(span.to());
    }

    /**
     * Moves rows into another table, inside the session's transaction, which then holds a lock that keeps everybody from the default
     * partition. Its own triggers are silent: nothing is deleted or written, for anybody who looks at the table.
     *
     * @return how many
     */
    static long move(Session session, TableName from, TableName to, String column, KeyType type, Span span)
            throws SQLException {
        session.query("select set_config('row_security', 'off', true)");
        session.runVerbatim("LOCK TABLE " + from.quoted() + " IN ACCESS EXCLUSIVE MODE");
        requireUnreferenced(session, from);
        requireUnpublished(session, from);
        List<String> columns = session.list(
                "select attname from pg_attribute where attrelid = ?::regclass and attnum > 0 and not attisdropped"
                        + " and attgenerated = '' order by attnum",
                row -> row.getString(1),
                from.quoted());
        // Before PostgreSQL 15, what comes from a trigger of the partitioned table counts as internal, as foreign keys'
        // own do.
        List<String[]> triggers = session.list(
                "select quote_ident(tgname), tgenabled::text from pg_trigger where tgrelid = ?::regclass and tgenabled <> 'D'"
                        + " and (not tgisinternal or (tgparentid <> 0 and tgconstrrelid = 0))",
                row -> new String[] {row.getString(1), row.getString(2)},
                from.quoted());
        for (String[] trigger : triggers) {
            session.runVerbatim("ALTER TABLE " + from.quoted() + " DISABLE TRIGGER " + trigger[0]);
        }
        String list = Identifiers.quoteAll(columns);
        long moved = session.updateVerbatim("WITH moved AS (DELETE FROM ONLY " + from.quoted() + " WHERE "
                + within(Identifiers.quote(column), type, span) + " RETURNING *) INSERT INTO " + to.quoted() + " ("
                + list
                + ") OVERRIDING SYSTEM VALUE SELECT " + list + " FROM moved");
        for (String[] trigger : triggers) {
            String how = switch (trigger[1]) {
                case "A" -> "ENABLE ALWAYS";
                case "R" -> "ENABLE REPLICA";
                default -> "ENABLE";
            };
            session.runVerbatim("ALTER TABLE " + from.quoted() + " " + how + " TRIGGER " + trigger[0]);
        }
        return moved;
    }

    /** Whether attaching failed because the default partition holds rows of the new one. */
    static boolean isInTheWay(SQLException failure) {
        return "23514".equals(failure.getSQLState());
    }

    /** @throws OperatorException when moving rows would be deleting them for those who refer to them */
    static void requireMovable(Session session, PartitionedTable table, TableName from) throws SQLException {
        if (table.referenced()) {
            throw referenced(from);
        }
        requireUnreferenced(session, from);
        requireUnpublished(session, from);
    }

    /**
     * Decoding judges each change by the catalogue of its moment: subscribers would be told that the rows are deleted, and not that they are in a
     * table which becomes a partition only afterwards.
     */
    private static void requireUnpublished(Session session, TableName from) throws SQLException {
        List<String> publications = session.list("""
                select distinct quote_ident(p.pubname) from pg_publication p
                  cross join lateral pg_get_publication_tables(p.pubname) published
                 where p.pubdelete and published.relid in (select relid from pg_partition_ancestors(?::regclass)) order by 1""", row -> row.getString(1), from.quoted());
        if (!publications.isEmpty()) {
            throw new OperatorException(
                    "rows of the default partition " + from + " are not moved, because it is in publication "
                            + String.join(", ", publications)
                            + ", whose subscribers would delete them and not get them again",
                    "move them by hand in one transaction: CREATE TEMP TABLE … AS the rows, DELETE them, make and attach the partition,"
                            + " INSERT them through the partitioned table; subscribers need the partition before.");
        }
    }

    /** A key may name the partition itself, which the partitioned table knows nothing of. */
    private static void requireUnreferenced(Session session, TableName from) throws SQLException {
        boolean referenced = session.one(
                "select exists (select from pg_constraint where contype = 'f' and confrelid = ?::regclass)",
                row -> row.getBoolean(1),
                from.quoted());
        if (referenced) {
            throw referenced(from);
        }
    }

    private static OperatorException referenced(TableName from) {
        return new OperatorException(
                "rows of the default partition " + from
                        + " are not moved, because foreign keys refer to them and would take it for a delete",
                "move them by hand while the foreign keys are dropped: make the partition's table, move the rows, attach it.");
    }

    /** Those of the tables that one cannot even look at, told as an operator wants it. */
    static OperatorException unreadable(TableName table, String user, SQLException failure) {
        boolean right = SqlStates.INSUFFICIENT_PRIVILEGE.equals(failure.getSQLState());
        return new OperatorException(
                "the default partition " + table + " cannot be read: " + failure.getMessage(),
                right ? "GRANT SELECT ON " + table.quoted() + " TO " + Identifiers.quote(user) + ";" : null,
                failure);
    }
}
