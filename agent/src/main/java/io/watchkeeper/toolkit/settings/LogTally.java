package io.watchkeeper.toolkit.settings;

import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Counts the entries of a log by class, and within a class by message. */
final class LogTally {

    private static final int MOST_ROWS = 20;

    /** A log of nothing but different messages must not fill the memory. */
    private static final int MOST_KINDS = 1_000;

    private final String database;
    private final LogPlan plan;
    private final @Nullable Instant since;
    private final Map<LogClass, Count> classes = new EnumMap<>(LogClass.class);
    private final Map<String, Count> kinds = new HashMap<>();
    private long ignored;

    /** @param since entries before it do not count; null for all */
    LogTally(String database, LogPlan plan, @Nullable Instant since) {
        this.database = database;
        this.plan = plan;
        this.since = since;
    }

    /** Of entries that are alike. */
    private static final class Count {
        private final LogClass kind;
        private final LogEntry sample;
        private final Map<String, Long> states = new TreeMap<>();
        private @Nullable Instant first;
        private @Nullable Instant last;
        private long entries;

        Count(LogClass kind, LogEntry sample) {
            this.kind = kind;
            this.sample = sample;
        }

        void add(LogEntry entry) {
            entries++;
            first = first == null ? entry.at() : first;
            last = entry.at() == null ? last : entry.at();
            if (!entry.sqlState().isEmpty() && (states.size() < MOST_ROWS || states.containsKey(entry.sqlState()))) {
                states.merge(entry.sqlState(), 1L, Long::sum);
            }
        }

        long entries() {
            return entries;
        }
    }

    void add(LogEntry entry) {
        if (since != null && entry.at() != null && entry.at().isBefore(since)) {
            return;
        }
        Optional<LogClass> found = LogClass.of(entry);
        if (found.isEmpty() || (!plan.classes().isEmpty() && !plan.classes().contains(found.get()))) {
            return;
        }
        if (plan.ignored().stream().anyMatch(one -> one.matches(entry))) {
            ignored++;
            return;
        }
        LogClass kind = found.get();
        classes.computeIfAbsent(kind, k -> new Count(k, entry)).add(entry);
        String key = kind + " " + entry.sqlState() + " " + LogSample.kind(entry.message());
        if (kinds.size() < MOST_KINDS || kinds.containsKey(key)) {
            kinds.computeIfAbsent(key, k -> new Count(kind, entry)).add(entry);
        }
    }

    /** One for each class, worst classes first. */
    List<ReviewFinding> findings() {
        List<ReviewFinding> findings = new ArrayList<>();
        for (Count count : classes.values()) {
            if (count.kind != LogClass.ASKED_FOR) {
                findings.add(finding(count));
            }
        }
        return findings;
    }

    private ReviewFinding finding(Count count) {
        Count most = kinds.values().stream()
                .filter(one -> one.kind == count.kind)
                .max(Comparator.comparingLong(Count::entries))
                .orElse(count);
        Integer fail = plan.fail();
        ReviewStatus status = count.kind.isGrave() || (fail != null && count.entries >= fail)
                ? ReviewStatus.FAIL
                : count.entries >= plan.warn() ? ReviewStatus.WARN : ReviewStatus.OK;
        String times = count.first == null
                ? ""
                : count.first.equals(count.last)
                        ? ", at " + count.first
                        : ", from " + count.first + " to " + count.last;
        String message = count.kind.meaning() + ", " + count.entries + (count.entries == 1 ? " time" : " times") + times
                + ": " + LogSample.ofMessage(most.sample.message())
                + (most.entries < count.entries ? " (" + most.entries + " times, and others)" : "");
        Map<String, Object> evidence = new LinkedHashMap<>(row(count));
        evidence.remove("class");
        evidence.put("sample", LogSample.ofMessage(most.sample.message()));
        if (!most.sample.statement().isEmpty()) {
            evidence.put("statement", LogSample.ofStatement(most.sample.statement()));
        }
        if (!count.states.isEmpty()) {
            evidence.put("sqlStates", Map.copyOf(count.states));
        }
        return new ReviewFinding(
                count.kind.wireName(),
                status,
                message,
                evidence,
                count.kind.remedy().replace("DATABASE", database));
    }

    private static Map<String, Object> row(Count count) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("class", count.kind.wireName());
        row.put("count", count.entries);
        if (count.first != null && count.last != null) {
            row.put("first", count.first.toString());
            row.put("last", count.last.toString());
        }
        return row;
    }

    /** Messages, most frequent first. */
    List<Map<String, Object>> rows() {
        return kinds.values().stream()
                .sorted(Comparator.comparingLong(Count::entries).reversed().thenComparing(one -> one.kind))
                .limit(MOST_ROWS)
                .map(count -> {
                    Map<String, Object> row = row(count);
                    row.put("severity", count.sample.severity().name());
                    if (!count.sample.sqlState().isEmpty()) {
                        row.put("sqlState", count.sample.sqlState());
                    }
                    row.put("message", LogSample.ofMessage(count.sample.message()));
                    return row;
                })
                .toList();
    }

    /** What was found, in a few words; {@code nothing to look at} when nothing was. */
    String words() {
        String found = classes.values().stream()
                .map(count -> count.entries + " " + count.kind.wireName())
                .collect(Collectors.joining(", "));
        return (found.isEmpty() ? "nothing to look at" : found) + (ignored == 0 ? "" : ", " + ignored + " ignored");
    }
}
