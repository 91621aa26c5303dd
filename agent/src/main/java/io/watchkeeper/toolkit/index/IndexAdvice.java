package io.watchkeeper.toolkit.index;

import io.watchkeeper.measures.Measurement;
import io.watchkeeper.measures.Measurements;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TablePattern;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Looks which indexes are too many, which are missing, and which are no use as they are. Changes nothing in the database: each advice
 * comes with the statement that a person may run.
 */
public final class IndexAdvice {

    /** Every code that a finding can have. */
    public static final Set<String> CODES = Set.of(
            "unused",
            "duplicate",
            "overlapping",
            "missingForeignKey",
            "missingMergeKey",
            "rule",
            "invalid",
            "leftover",
            "tooYoung");

    private static final int TOLD = 20;

    private final Database database;
    private final Work work;
    private final Measurements measurements;
    private final Clock clock;
    private final List<ReviewFinding> findings = new ArrayList<>();

    /** @param measurements where scans are kept; {@link Measurements#none} keeps nothing, as a dry run wants it */
    public IndexAdvice(Database database, Work work, Measurements measurements, Clock clock) {
        this.database = database;
        this.work = work;
        this.measurements = measurements;
        this.clock = clock;
    }

    /**
     * Looks once.
     *
     * @throws OperatorException when a named table does not exist, or something is wrong in the file of rules
     */
    public Review review(AdvicePlan plan) throws SQLException {
        findings.clear();
        List<IndexRule> rules = plan.rules() == null ? List.of() : IndexRules.read(plan.rules());
        Instant now = clock.instant();
        Map<TableName, IndexedTable> tables;
        Map<IndexName, List<IndexName>> parts;
        Set<IndexName> left = new HashSet<>();
        List<IndexUse> uses = new ArrayList<>();
        try (Session session = database.open(work)) {
            List<TableName> names = plan.tables().isEmpty()
                    ? TablePattern.all(session)
                    : TablePattern.resolve(session, plan.tables(), List.of());
            tables = IndexCatalogue.read(session, names);
            parts = IndexCatalogue.parts(session, names);
            Leftovers.find(session).forEach(one -> left.add(one.index()));
            uses.add(IndexUse.of(session, measurements, now, plan.unusedFor()));
        }
        for (Database other : plan.alsoAsk()) {
            uses.add(IndexUse.of(other, work, measurements, now, plan.unusedFor()));
        }
        UnusedIndexes unused = new UnusedIndexes(uses, parts, plan.unusedFor(), now);
        MissingIndexes missing = new MissingIndexes(rules, plan);
        tables.values().forEach(table -> look(table, unused, missing, left));
        findings.addAll(unused.findings());
        findings.addAll(missing.findings());
        List<Measurement> figures = new ArrayList<>();
        uses.forEach(use -> figures.addAll(use.figures()));
        measurements.note(now, figures);
        return new Review("indexes", database.name(), summary(tables.values()), findings, rows(tables.values()))
                .accepting(plan.accepted());
    }

    private void look(IndexedTable table, UnusedIndexes unused, MissingIndexes missing, Set<IndexName> left) {
        RedundantIndexes redundant = new RedundantIndexes();
        Set<IndexName> spokenFor = redundant.look(table);
        findings.addAll(redundant.findings());
        missing.look(table);
        for (IndexFacts index : table.indexes()) {
            if (!index.valid()) {
                invalid(index, left.contains(index.index()));
            } else if (!spokenFor.contains(index.index())) {
                unused.look(table, index);
            }
        }
    }

    private void invalid(IndexFacts index, boolean leftover) {
        Map<String, Object> evidence =
                Map.of("index", index.index().toString(), "table", index.table().toString());
        if (leftover) {
            findings.add(new ReviewFinding(
                    "leftover",
                    ReviewStatus.WARN,
                    index.index()
                            + " is what an interrupted rebuild has left: every write keeps it up, and no query uses it",
                    evidence,
                    index.drop()));
        } else {
            findings.add(new ReviewFinding(
                    "invalid",
                    ReviewStatus.WARN,
                    index.index()
                            + " is invalid: no query uses it. Somebody builds it right now, or its making has failed",
                    evidence,
                    (index.partitioned()
                            ? "ALTER INDEX " + index.index().quoted()
                                    + " ATTACH PARTITION …; -- for each partition without one"
                            : "REINDEX INDEX CONCURRENTLY " + index.index().quoted() + "; -- or: " + index.drop())));
        }
    }

    private String summary(Collection<IndexedTable> tables) {
        long indexes =
                tables.stream().mapToLong(table -> table.indexes().size()).sum();
        Map<String, Long> counts = new LinkedHashMap<>();
        findings.stream()
                .filter(one -> one.status() != ReviewStatus.OK)
                .forEach(one -> counts.merge(one.code(), 1L, Long::sum));
        String looked = indexes + " indexes of " + tables.size() + " tables";
        if (counts.isEmpty()) {
            return looked + ": none too many, none missing";
        }
        List<String> parts = new ArrayList<>();
        say(parts, counts, "unused", " of no use to any query (" + UnusedIndexes.bytes(findings) + ")");
        say(parts, counts, "duplicate", " there twice");
        say(parts, counts, "overlapping", " part of another one");
        say(parts, counts, "missingForeignKey", " missing for foreign keys");
        say(parts, counts, "missingMergeKey", " missing for merges");
        say(parts, counts, "rule", " against the house's rules");
        say(parts, counts, "invalid", " invalid");
        say(parts, counts, "leftover", " left of interrupted rebuilds");
        return looked + ": " + String.join(", ", parts);
    }

    private static void say(List<String> parts, Map<String, Long> counts, String code, String words) {
        Long count = counts.get(code);
        if (count != null) {
            parts.add(count + words);
        }
    }

    /** The largest indexes with what they are used. */
    private static List<Map<String, Object>> rows(Collection<IndexedTable> tables) {
        return tables.stream()
                .flatMap(table -> table.indexes().stream())
                .sorted(Comparator.comparingLong(IndexFacts::bytes).reversed())
                .limit(TOLD)
                .map(IndexAdvice::row)
                .toList();
    }

    private static Map<String, Object> row(IndexFacts index) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("index", index.index().toString());
        row.put("table", index.table().toString());
        row.put("bytes", index.bytes());
        row.put("scans", index.scans());
        row.put("method", index.method());
        return row;
    }
}
