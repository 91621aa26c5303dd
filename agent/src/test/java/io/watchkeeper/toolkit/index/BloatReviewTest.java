package io.watchkeeper.toolkit.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.measures.Measurement;
import io.watchkeeper.measures.Measurements;
import io.watchkeeper.measures.Sample;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TablePattern;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Ratio;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class BloatReviewTest {

    private static final Work WORK = Work.unattended("bloat test");
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private final Memory memory = new Memory();
    private Planted db;

    @BeforeEach
    void open() {
        db = new Planted();
    }

    @AfterEach
    void close() {
        db.close();
    }

    @Test
    void estimatesComeNearToWhatThePagesTell() throws Exception {
        db.bloated("t");
        db.sql(
                "create table full_one (id bigint primary key, doc text, k int)",
                "insert into full_one select g, md5(g::text), g % 40 from generate_series(1, 60000) g",
                "create index full_doc on full_one (doc)",
                "create index full_part on full_one (doc) where id < 30000",
                "create index full_expr on full_one (lower(doc))",
                "create index full_same on full_one (k)",
                "vacuum analyze full_one");
        List<IndexBloat> estimated;
        List<IndexBloat> measured;
        List<TableBloat> tables;
        List<TableBloat> measuredTables;
        db.sql("create extension pgstattuple");
        try (Session session = db.shore.open(WORK)) {
            BloatReader reader = new BloatReader(session);
            estimated = reader.indexes(TablePattern.all(session), Bytes.kilobytes(100), 100);
            measured = reader.measureIndexes(estimated, 100);
            tables = reader.tables(TablePattern.all(session), Bytes.kilobytes(100), 100);
            measuredTables = reader.measureTables(tables, 100);
        }
        assertThat(estimated).hasSize(6);
        for (int i = 0; i < estimated.size(); i++) {
            assertThat(measured.get(i).measured()).isTrue();
            assertThat(share(estimated.get(i).bloat()))
                    .as("%s", estimated.get(i).index())
                    .isBetween(
                            share(measured.get(i).bloat()) - 0.12,
                            share(measured.get(i).bloat()) + 0.08);
        }
        assertThat(tables).hasSize(2);
        for (int i = 0; i < tables.size(); i++) {
            assertThat(share(tables.get(i).bloat()))
                    .as("%s", tables.get(i).table())
                    .isBetween(
                            share(measuredTables.get(i).bloat()) - 0.1,
                            share(measuredTables.get(i).bloat()) + 0.1);
        }
    }

    @Test
    void saysWhatIsBloatedByWhichMeansAndWhatMendsIt() throws Exception {
        db.bloated("t");
        db.sql("create table u (id int)", "insert into u select generate_series(1, 40000)", "analyze u");
        db.sql("alter table u set (autovacuum_enabled = off)", "delete from u where id < 10000");
        await().until(() -> db.one("select n_dead_tup from pg_stat_user_tables where relname = 'u'")
                .equals("9999"));

        Review review = review(limits(Duration.ZERO, null));

        assertThat(review.status()).isEqualTo("warn");
        assertThat(finding(review, "tableBloat").message())
                .contains("public.t is", "of it empty (estimated from statistics)");
        assertThat(finding(review, "indexBloat").remedy()).isEqualTo("REINDEX INDEX CONCURRENTLY public.t_pkey;");
        assertThat(finding(review, "deadTuples").message()).contains("of the rows of public.u are dead (9999)");
        assertThat(finding(review, "deadTuples").remedy()).isEqualTo("VACUUM (ANALYZE) public.u;");
        assertThat(review.summary())
                .contains("1 tables and 1 indexes at least 25 % empty", "1 tables with at least 10 %");
        assertThat(review.rows().get(0)).containsKeys("table", "bytes", "bloatRatio", "bloatBytes", "by", "deadRatio");
        assertThat(memory.noted)
                .extracting(Measurement::metric)
                .contains("table_bloat_ratio", "table_dead_ratio", "index_bloat_ratio");

        assertThat(review(limits(Duration.ZERO, Ratio.percent(50))).status()).isEqualTo("fail");
    }

    @Test
    void whatHasNotLastedIsNotToldYet() throws Exception {
        db.bloated("t");
        memory.since.put("tableBloat public.t", NOON.minus(Duration.ofMinutes(59)));
        memory.since.put("indexBloat public.t_pkey", NOON.minus(Duration.ofMinutes(60)));

        Review review = review(limits(Duration.ofHours(1), null));

        assertThat(finding(review, "tableBloat").status()).isEqualTo(ReviewStatus.OK);
        assertThat(finding(review, "tableBloat").message()).endsWith(", for 59 min so far; told from 1 h on");
        assertThat(finding(review, "indexBloat").status()).isEqualTo(ReviewStatus.WARN);
        assertThat(finding(review, "indexBloat").message()).endsWith(", for 1 h");
    }

    @Test
    void saysHowItWasBefore() throws Exception {
        db.bloated("t");
        memory.oldest.put("public.t", new Sample(Instant.parse("2026-02-10T00:00:00Z"), 0.125));

        assertThat(review(limits(Duration.ZERO, null)).rows())
                .filteredOn(row -> row.containsKey("deadRatio"))
                .singleElement()
                .satisfies(row -> assertThat(row)
                        .containsEntry("bloatRatioBefore", 0.125)
                        .containsEntry("before", "2026-02-10T00:00:00Z"));
    }

    @Test
    void whatItMayNotSeeIsNotTakenForWell() throws Exception {
        db.bloated("t");
        String role = "looker_" + ProcessHandle.current().pid();
        db.sql("create role " + role + " login");
        try (DatabasePools pools = new DatabasePools(
                List.of(new DatabaseSettings("shore", db.shore.settings().url(), role, null, 2, null, true)))) {
            Review review =
                    new BloatReview(pools.database("shore"), WORK, memory, clock()).review(limits(Duration.ZERO, null));
            assertThat(finding(review, "unreadable").message())
                    .contains("'" + role + "' may not see statistics of public.t");
            assertThat(finding(review, "unreadable").remedy()).isEqualTo("GRANT SELECT ON public.t TO " + role + ";");
        } finally {
            db.sql("drop role " + role);
        }
    }

    @Test
    void aTableWithoutStatisticsIsSaidToBeUnknown() throws Exception {
        db.sql("create table t (id int)", "alter table t set (autovacuum_enabled = off)");
        db.sql("insert into t select generate_series(1, 40000)", "vacuum t");

        assertThat(finding(review(limits(Duration.ZERO, null)), "notAnalyzed").remedy())
                .isEqualTo("ANALYZE public.t;");
    }

    @Tag("campaign")
    @Test
    void tenThousandTablesTakeOneStatementEach() throws Exception {
        db.sql("""
                do $$ begin for i in 1..10000 loop
                  execute format('create table t%s (id int primary key, doc text)', i);
                  if i % 1000 = 0 then commit; end if;
                end loop; end $$""");
        db.bloated("large");
        long start = System.nanoTime();
        Review review = review(BloatLimits.of(List.of()));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(1_500));
        assertThat(finding(review, "indexBloat").message()).contains("public.large_pkey");
    }

    private static BloatLimits limits(Duration lasting, @org.jspecify.annotations.Nullable Ratio fail) {
        return new BloatLimits(
                List.of("public.*"), Ratio.percent(25), fail, Ratio.percent(10), lasting, Bytes.kilobytes(100));
    }

    private Review review(BloatLimits limits) throws Exception {
        return new BloatReview(db.shore, WORK, memory, clock()).review(limits);
    }

    private static Clock clock() {
        return Clock.fixed(NOON, ZoneOffset.UTC);
    }

    private static ReviewFinding finding(Review review, String code) {
        return review.findings().stream()
                .filter(one -> one.code().equals(code))
                .findFirst()
                .orElseThrow(() -> new AssertionError(review.findings().toString()));
    }

    private static double share(@org.jspecify.annotations.Nullable Ratio ratio) {
        assertThat(ratio).isNotNull();
        return ratio.share();
    }

    /** A memory that a test can read and set. */
    private static final class Memory implements Measurements {

        final List<Measurement> noted = new ArrayList<>();
        final Map<String, Instant> since = new HashMap<>();
        final Map<String, Sample> oldest = new HashMap<>();

        @Override
        public void note(Instant at, List<Measurement> figures) {
            noted.addAll(figures);
        }

        @Override
        public List<Sample> series(String database, String metric, String subject, Instant from) {
            return List.of();
        }

        @Override
        public Map<String, Sample> oldest(String database, String metric, Instant from) {
            return oldest;
        }

        @Override
        public Optional<Instant> holds(
                String database,
                String condition,
                String subject,
                boolean holds,
                Instant now,
                Duration forgottenAfter) {
            return holds ? Optional.of(since.computeIfAbsent(condition + " " + subject, any -> now)) : Optional.empty();
        }
    }
}
