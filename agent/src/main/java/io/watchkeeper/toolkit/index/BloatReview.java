package io.watchkeeper.toolkit.index;

import io.watchkeeper.measures.Measurement;
import io.watchkeeper.measures.Measurements;
import io.watchkeeper.measures.Sample;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TablePattern;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import io.watchkeeper.units.Ratio;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Looks how much of tables and indexes is empty or dead, and how that was before. Changes nothing in the database. */
public final class BloatReview {

    public static final String TABLE_BLOAT = "table_bloat_ratio";
    public static final String TABLE_DEAD = "table_dead_ratio";
    public static final String INDEX_BLOAT = "index_bloat_ratio";

    private static final Duration TREND = Duration.ofDays(30);
    private static final int LOOKED_AT = 500;
    private static final int MEASURED = 20;
    private static final int TOLD = 20;

    private final Database database;
    private final Work work;
    private final Measurements measurements;
    private final Clock clock;
    private final List<ReviewFinding> findings = new ArrayList<>();

    /** @param measurements where what was measured is kept; {@link Measurements#none} keeps nothing, as a dry run wants it */
    public BloatReview(Database database, Work work, Measurements measurements, Clock clock) {
        this.database = database;
        this.work = work;
        this.measurements = measurements;
        this.clock = clock;
    }

    /** Looks once. @throws io.watchkeeper.problem.OperatorException when a named table does not exist */
    public Review review(BloatLimits limits) throws SQLException {
        findings.clear();
        List<TableBloat> tables;
        List<IndexBloat> indexes;
        try (Session session = database.open(work)) {
            List<TableName> names = limits.tables().isEmpty()
                    ? TablePattern.all(session)
                    : TablePattern.resolve(session, limits.tables(), List.of());
            BloatReader reader = new BloatReader(session);
            tables = reader.measureTables(reader.tables(names, limits.least(), LOOKED_AT), MEASURED);
            indexes = reader.measureIndexes(reader.indexes(names, limits.least(), LOOKED_AT), MEASURED);
        }
        Instant now = clock.instant();
        tables.forEach(table -> judge(table, limits, now));
        indexes.forEach(index -> judge(index, limits, now));
        unknown(tables);
        List<Map<String, Object>> rows = rows(tables, indexes, now);
        measurements.note(now, figures(tables, indexes));
        return new Review("bloat", database.name(), summary(tables, indexes, limits), findings, rows);
    }

    private void judge(TableBloat table, BloatLimits limits, Instant now) {
        String name = table.table().toString();
        Ratio bloat = table.bloat();
        if (bloat != null) {
            tell(
                    "tableBloat",
                    name,
                    bloat,
                    limits,
                    limits.warn(),
                    now,
                    name + " is " + Bytes.of(table.bytes()) + ", " + bloat + " of it empty"
                            + (table.measured() ? "" : " (estimated from statistics)"),
                    "VACUUM (ANALYZE) " + table.table().quoted()
                            + "; lets new rows use the room. To give it back: reindex with method repack, or, while nobody uses the table,"
                            + " VACUUM FULL " + table.table().quoted() + ";");
        }
        tell(
                "deadTuples",
                name,
                table.deadRatio(),
                limits,
                limits.deadTuples(),
                now,
                table.deadRatio() + " of the rows of " + name + " are dead (" + table.deadRows() + ")",
                "VACUUM (ANALYZE) " + table.table().quoted() + ";");
    }

    private void judge(IndexBloat index, BloatLimits limits, Instant now) {
        Ratio bloat = index.bloat();
        if (bloat != null) {
            tell(
                    "indexBloat",
                    index.index().toString(),
                    bloat,
                    limits,
                    limits.warn(),
                    now,
                    index.words(),
                    IndexRebuild.sql(index.index(), ReindexPlan.Method.CONCURRENTLY) + ";");
        }
    }

    private void tell(
            String code,
            String subject,
            Ratio ratio,
            BloatLimits limits,
            Ratio warn,
            Instant now,
            String message,
            String remedy) {
        boolean over = ratio.compareTo(warn) >= 0;
        String since = "";
        boolean young = false;
        if (!limits.lasting().isZero()) {
            // Whoever looks so seldom that two looks are further apart than that does not know what was in between.
            Optional<Instant> begun = measurements.holds(
                    database.name(), code, subject, over, now, limits.lasting().multipliedBy(2));
            if (begun.isPresent()) {
                Duration lasted = Duration.between(begun.get(), now);
                young = lasted.compareTo(limits.lasting()) < 0;
                since = ", for " + DurationText.say(lasted)
                        + (young ? " so far; told from " + DurationText.say(limits.lasting()) + " on" : "");
            }
        }
        if (over) {
            boolean fails = limits.fail() != null && !code.equals("deadTuples") && ratio.compareTo(limits.fail()) >= 0;
            ReviewStatus status = young ? ReviewStatus.OK : fails ? ReviewStatus.FAIL : ReviewStatus.WARN;
            findings.add(new ReviewFinding(
                    code,
                    status,
                    message + since,
                    Map.of("subject", subject, "ratio", TableBloat.round(ratio)),
                    young ? "" : remedy));
        }
    }

    /** What cannot be judged is not taken for well. */
    private void unknown(List<TableBloat> tables) {
        List<String> unreadable = tables.stream()
                .filter(table -> table.bloat() == null && !table.readable())
                .map(table -> table.table().quoted())
                .toList();
        if (!unreadable.isEmpty()) {
            String user = database.settings().user();
            findings.add(new ReviewFinding(
                    "unreadable",
                    ReviewStatus.WARN,
                    "role '" + user + "' may not see statistics of " + some(unreadable),
                    "GRANT SELECT ON "
                            + String.join(", ", unreadable.stream().limit(TOLD).toList()) + " TO "
                            + Identifiers.quote(user) + ";"));
        }
        List<String> unknown = tables.stream()
                .filter(table -> table.bloat() == null && table.readable() && !table.analyzed())
                .map(table -> table.table().quoted())
                .toList();
        if (!unknown.isEmpty()) {
            findings.add(new ReviewFinding(
                    "notAnalyzed",
                    ReviewStatus.WARN,
                    "nobody knows how much is empty of " + some(unknown) + ": no statistics yet",
                    "ANALYZE " + String.join(", ", unknown.stream().limit(TOLD).toList()) + ";"));
        }
    }

    private static String some(List<String> names) {
        return String.join(", ", names.stream().limit(3).toList())
                + (names.size() > 3 ? " and " + (names.size() - 3) + " more tables" : "");
    }

    private static String summary(List<TableBloat> tables, List<IndexBloat> indexes, BloatLimits limits) {
        List<TableBloat> bad = tables.stream()
                .filter(table -> table.bloat() != null && table.bloat().compareTo(limits.warn()) >= 0)
                .toList();
        List<IndexBloat> badIndexes =
                indexes.stream().filter(index -> index.isOver(limits.warn())).toList();
        long dead = tables.stream()
                .filter(table -> table.deadRatio().compareTo(limits.deadTuples()) >= 0)
                .count();
        long wasted = Stream.concat(
                        bad.stream().map(TableBloat::wasted),
                        badIndexes.stream().map(IndexBloat::wasted))
                .mapToLong(Long::longValue)
                .sum();
        String looked = tables.size() + " tables and " + indexes.size() + " indexes of at least " + limits.least();
        if (bad.isEmpty() && badIndexes.isEmpty() && dead == 0) {
            return looked + ", none of them bloated";
        }
        return looked + ": " + bad.size() + " tables and " + badIndexes.size() + " indexes at least " + limits.warn()
                + " empty (" + Bytes.of(wasted) + "), " + dead + " tables with at least " + limits.deadTuples()
                + " dead rows";
    }

    private List<Map<String, Object>> rows(List<TableBloat> tables, List<IndexBloat> indexes, Instant now) {
        Map<String, Sample> tablesThen = measurements.oldest(database.name(), TABLE_BLOAT, now.minus(TREND));
        Map<String, Sample> indexesThen = measurements.oldest(database.name(), INDEX_BLOAT, now.minus(TREND));
        record Row(long wasted, Map<String, Object> fields) {}
        List<Row> rows = new ArrayList<>();
        tables.forEach(table -> rows.add(new Row(
                table.wasted(),
                withTrend(table.fields(), tablesThen.get(table.table().toString())))));
        indexes.forEach(index -> rows.add(new Row(
                index.wasted(),
                withTrend(index.fields(), indexesThen.get(index.index().toString())))));
        return rows.stream()
                .sorted(Comparator.comparingLong(Row::wasted).reversed())
                .limit(TOLD)
                .map(Row::fields)
                .toList();
    }

    private static Map<String, Object> withTrend(Map<String, Object> fields, @Nullable Sample then) {
        Map<String, Object> with = new LinkedHashMap<>(fields);
        if (then != null) {
            with.put("bloatRatioBefore", Math.round(then.value() * 1e4) / 1e4);
            with.put("before", then.at().toString());
        }
        return with;
    }

    /** What is worth keeping: those that are worst now. */
    private List<Measurement> figures(List<TableBloat> tables, List<IndexBloat> indexes) {
        return figures(database.name(), tables, indexes, TOLD);
    }

    /** The worst tables' and indexes' ratios, to be kept or shown. @param most of each kind */
    public static List<Measurement> figures(
            String database, List<TableBloat> tables, List<IndexBloat> indexes, int most) {
        List<Measurement> figures = new ArrayList<>();
        for (TableBloat table : worst(tables, TableBloat::wasted, most)) {
            Ratio bloat = table.bloat();
            if (bloat != null) {
                figures.add(new Measurement(database, TABLE_BLOAT, table.table().toString(), TableBloat.round(bloat)));
            }
        }
        for (TableBloat table : worst(tables, TableBloat::deadRows, most)) {
            figures.add(new Measurement(
                    database, TABLE_DEAD, table.table().toString(), TableBloat.round(table.deadRatio())));
        }
        for (IndexBloat index : worst(indexes, IndexBloat::wasted, most)) {
            Ratio bloat = index.bloat();
            if (bloat != null) {
                figures.add(new Measurement(database, INDEX_BLOAT, index.index().toString(), TableBloat.round(bloat)));
            }
        }
        return figures;
    }

    private static <T> List<T> worst(List<T> all, ToLongFunction<T> by, int most) {
        return all.stream()
                .sorted(Comparator.comparingLong(by).reversed())
                .limit(most)
                .toList();
    }
}
