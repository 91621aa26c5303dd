package io.watchkeeper.toolkit.settings;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Counts what pgaudit has written: by role, class, command and object. */
final class PgAuditTally {

    private static final String ROLE = "ROLE";
    private static final String DDL = "DDL";
    private static final int MOST_ROWS = 100;

    /** A role that touches ever new objects must not fill the memory. */
    private static final int MOST_KINDS = 5_000;

    private final @Nullable Instant since;
    private final Map<List<String>, Count> kinds = new LinkedHashMap<>();
    private final Map<String, Long> categories = new TreeMap<>();
    private long uncounted;

    /** @param since entries before it do not count; null for all */
    PgAuditTally(@Nullable Instant since) {
        this.since = since;
    }

    private static final class Count {
        private final List<String> key;
        private final String sample;
        private @Nullable Instant first;
        private @Nullable Instant last;
        private long entries;

        Count(List<String> key, String sample) {
            this.key = key;
            this.sample = sample;
        }

        long entries() {
            return entries;
        }

        void add(@Nullable Instant at) {
            entries++;
            first = first == null ? at : first;
            last = at == null ? last : at;
        }
    }

    void add(LogEntry entry) {
        if (since != null && entry.at() != null && entry.at().isBefore(since)) {
            return;
        }
        PgAuditLine.of(entry.message()).ifPresent(line -> add(entry, line));
    }

    private void add(LogEntry entry, PgAuditLine line) {
        categories.merge(line.category(), 1L, Long::sum);
        String sample = LogSample.ofStatement(line.statement());
        // Of rights and definitions each statement counts by itself.
        String apart = ROLE.equals(line.category()) || DDL.equals(line.category()) ? sample : "";
        List<String> key = List.of(entry.user(), line.category(), line.command(), line.object(), line.type(), apart);
        if (kinds.size() >= MOST_KINDS && !kinds.containsKey(key)) {
            uncounted++;
            return;
        }
        kinds.computeIfAbsent(key, k -> new Count(k, sample)).add(entry.at());
    }

    /** Changes of rights and definitions first, then the most frequent. */
    List<Map<String, Object>> rows() {
        return kinds.values().stream()
                .sorted(Comparator.comparingInt(PgAuditTally::rank)
                        .thenComparing(Comparator.comparingLong(Count::entries).reversed()))
                .limit(MOST_ROWS)
                .map(PgAuditTally::row)
                .toList();
    }

    private static int rank(Count count) {
        return switch (count.key.get(1)) {
            case ROLE -> 0;
            case DDL -> 1;
            default -> 2;
        };
    }

    private static Map<String, Object> row(Count count) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("role", count.key.get(0));
        row.put("class", count.key.get(1));
        row.put("command", count.key.get(2));
        row.put("object", count.key.get(3));
        row.put("type", count.key.get(4));
        row.put("count", count.entries);
        if (count.first != null && count.last != null) {
            row.put("first", count.first.toString());
            row.put("last", count.last.toString());
        }
        row.put("statement", count.sample);
        return row;
    }

    /** How many kinds there are beyond those in {@link #rows}, and entries beyond those that were told apart. */
    List<String> leftOut() {
        List<String> left = new ArrayList<>();
        if (kinds.size() > MOST_ROWS) {
            left.add((kinds.size() - MOST_ROWS) + " more kinds of statements are not listed");
        }
        if (uncounted > 0) {
            left.add(uncounted + " entries were counted by class only");
        }
        return left;
    }

    /** By class, in a few words. */
    String words() {
        String found = categories.entrySet().stream()
                .map(one -> one.getValue() + " " + one.getKey())
                .collect(Collectors.joining(", "));
        return found.isEmpty() ? "nothing audited" : found;
    }
}
