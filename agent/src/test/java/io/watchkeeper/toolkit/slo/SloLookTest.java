package io.watchkeeper.toolkit.slo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.measures.Measurement;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Ratio;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SloLookTest {

    private static final Work WORK = Work.unattended("objectives test");
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:30Z");
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration NEVER_KEPT = Duration.ofNanos(1);

    @TempDir
    Path state;

    private String name;
    private DatabasePools pools;
    private Instant now = NOON;

    @BeforeEach
    void open() {
        name = TestServers.freshDatabase(TestServers.shore());
        pools = new DatabasePools(List.of(TestServers.settings("shore", TestServers.shore(), name)));
    }

    @AfterEach
    void close() {
        pools.close();
    }

    private static SloObjectives promised(Duration read, Duration write) {
        return new SloObjectives(read, write, Ratio.percent(0.5), true, Duration.ofHours(1), true, 20);
    }

    private static final SloObjectives EASY = promised(LONG, LONG);

    private Review look(SloObjectives objectives) throws Exception {
        return look(pools, objectives);
    }

    private Review look(DatabasePools of, SloObjectives objectives) throws Exception {
        return new SloLook(of.database("shore"), WORK, state, Clock.fixed(now, ZoneOffset.UTC)).look(objectives);
    }

    private String one(String sql) throws Exception {
        try (Connection connection = TestServers.connect(TestServers.shore(), name);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    private static List<String> codes(Review review) {
        return review.findings().stream().map(ReviewFinding::code).toList();
    }

    @Test
    void readsAndWritesARowEachAndTellsHowLongThatTook() throws Exception {
        Review review = look(EASY);
        look(EASY);

        assertThat(review.status()).isEqualTo("ok");
        assertThat(review.summary()).contains("reads p95 ", "writes p95 ", " ms");
        assertThat(review.rows())
                .hasSize(3)
                .first()
                .satisfies(row -> assertThat(row)
                        .containsEntry("objective", "read")
                        .containsEntry("counted", 20L)
                        .containsEntry("budgetRemaining", 1.0)
                        .containsKeys("p50Seconds", "p95Seconds"));
        assertThat(one("select string_agg(kind || beats, ',' order by kind) from watchkeeper.slo_probe"))
                .isEqualTo("read0,write40");
    }

    @Test
    void aBudgetThatIsSpentFastFailsAndIsOverWhenItIsOver() throws Exception {
        SloObjectives slowWrites = promised(LONG, NEVER_KEPT);

        Review bad = look(slowWrites);

        assertThat(bad.status()).isEqualTo("fail");
        assertThat(codes(bad)).containsExactlyInAnyOrder("fastBurn", "writeSlow");
        assertThat(bad.failure().orElseThrow()).hasMessageContaining("writes slower than promised");

        // Six minutes later the last five were good: nobody is to be woken any more, and the hour still says what was.
        now = NOON.plus(Duration.ofMinutes(6));
        look(EASY);
        Review better = look(EASY);
        assertThat(codes(better)).doesNotContain("fastBurn");
        assertThat(better.failure()).isEmpty();
        now = NOON.plus(Duration.ofDays(31));
        assertThat(look(EASY).status()).isEqualTo("ok");
    }

    @Test
    void aBudgetThatIsSpentSlowlyIsALookAndNoAlarm() throws Exception {
        // A third of the probes is too slow: six times what is allowed, and less than fourteen.
        for (int minute = 0; minute < 30; minute++) {
            slowReads(NOON.plus(Duration.ofMinutes(minute)));
        }
        Review review = look(EASY);
        assertThat(codes(review)).contains("slowBurn").doesNotContain("fastBurn", "budgetSpent");
        assertThat(review.status()).isEqualTo("warn");
    }

    @Test
    void whatAMonthAllowsIsJudgedByManyLooksOnly() throws Exception {
        for (int hour = 0; hour < 60; hour++) {
            slowReads(NOON.plus(Duration.ofHours(hour)));
        }
        now = now.plus(Duration.ofHours(12));
        assertThat(codes(look(EASY))).containsExactly("budgetSpent");
    }

    @Test
    void whatAClockThatWasAheadHasCountedIsForgotten() throws Exception {
        for (int minute = 0; minute < 30; minute++) {
            slowReads(NOON.plus(Duration.ofDays(2)).plus(Duration.ofMinutes(minute)));
        }
        now = NOON;
        assertThat(codes(look(EASY))).isEmpty();
        now = NOON.plus(Duration.ofDays(2)).plus(Duration.ofMinutes(31));
        assertThat(codes(look(EASY))).isEmpty();
    }

    /** Eight of twenty. */
    private void slowReads(Instant at) {
        now = at;
        SloSlice slice = new SloSlice();
        slice.latencies(SloSlice.Kind.READ).add(10, 20);
        slice.addSlow(SloSlice.Kind.READ, 8);
        new SloLedger(state, "shore").add(now, EASY, slice, null);
    }

    @Test
    void fewProbesSayNothing() throws Exception {
        SloObjectives few =
                new SloObjectives(NEVER_KEPT, NEVER_KEPT, Ratio.percent(0.5), true, Duration.ofHours(1), true, 3);
        assertThat(codes(look(few))).isEmpty();
    }

    @Test
    void aServerThatDoesNotAnswerCountsAsFailedAndIsFound() throws Exception {
        look(EASY);
        DatabaseSettings gone =
                new DatabaseSettings("shore", "jdbc:postgresql://127.0.0.1:1/app", "postgres", null, 2, null, true);
        try (DatabasePools none = new DatabasePools(List.of(gone))) {
            Review review = look(none, EASY);
            assertThat(codes(review)).contains("unreachable", "fastBurn");
            assertThat(review.status()).isEqualTo("fail");
        }
    }

    @Test
    void rollbacksCountOrDoNotAsTheRunbookSays() throws Exception {
        SloObjectives without = new SloObjectives(LONG, LONG, Ratio.percent(0.5), false, Duration.ofHours(1), true, 20);
        look(EASY);
        try (Connection connection = TestServers.connect(TestServers.shore(), name);
                Statement statement = connection.createStatement()) {
            for (int i = 0; i < 30; i++) {
                statement.execute("begin; select 1; rollback");
            }
        }
        // A session tells of what it has done when it ends, or within a second.
        Awaitility.await()
                .until(() -> Integer.parseInt(
                                one("select xact_rollback from pg_stat_database where datname = current_database()"))
                        >= 30);

        Review counted = look(EASY);
        assertThat(codes(counted)).contains("fastBurn");
        assertThat(counted.summary()).contains("transactions failed");
        assertThat(codes(look(without))).isEmpty();
    }

    @Test
    void aWriteThatWaitsForALockFailsAndIsSaid() throws Exception {
        look(EASY);
        SloObjectives few = new SloObjectives(LONG, LONG, Ratio.percent(0.5), true, Duration.ofHours(1), true, 1);
        try (Connection holder = TestServers.connect(TestServers.shore(), name);
                Statement hold = holder.createStatement()) {
            holder.setAutoCommit(false);
            hold.execute("select * from watchkeeper.slo_probe for update");
            Review review = look(few);
            assertThat(codes(review)).contains("probeFailed");
            assertThat(review.findings().toString()).contains("1 of 2 probes failed", "lock timeout");
        }
    }

    /** A commit that nobody confirms would else be waited for until somebody does. */
    @Test
    void aCommitThatNoStandbyConfirmsFailsInTime() throws Exception {
        var server = TestServers.own(java.util.Map.of());
        try (DatabasePools of = new DatabasePools(List.of(TestServers.settings("shore", server, "postgres")))) {
            look(of, EASY);
            TestServers.execute(server, "postgres", "alter system set synchronous_standby_names = 'nobody'");
            TestServers.execute(server, "postgres", "select pg_reload_conf()");
            Awaitility.await().until(() -> {
                try (Connection connection = TestServers.connect(server, "postgres");
                        Statement statement = connection.createStatement();
                        ResultSet row = statement.executeQuery("show synchronous_standby_names")) {
                    row.next();
                    return row.getString(1).equals("nobody");
                }
            });

            Review review = look(of, EASY);

            assertThat(codes(review)).contains("probeFailed", "fastBurn");
            assertThat(review.findings().toString()).contains("20 of 40 probes failed", "not confirmed within 5 s");
        } finally {
            server.delete();
        }
    }

    @Test
    void withoutTheRightToMakeTheTableTheGrantIsSaidAndNothingCounted() throws Exception {
        TestServers.execute(
                TestServers.shore(),
                name,
                "do $$ begin create role slo_poor login; exception when duplicate_object then null; end $$");
        DatabaseSettings poor =
                new DatabaseSettings("shore", TestServers.shore().url(name), "slo_poor", null, 2, null, true);
        try (DatabasePools of = new DatabasePools(List.of(poor))) {
            assertThatThrownBy(() -> look(of, EASY))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("may not make the schema watchkeeper");
        }
        assertThat(SloLedger.all(state)).isEmpty();
    }

    @Test
    void withoutProbesItIsEstimatedOrSaidWhyNot() throws Exception {
        SloObjectives estimate =
                new SloObjectives(NEVER_KEPT, LONG, Ratio.percent(0.5), true, Duration.ofHours(1), false, 20);
        Review review = look(estimate);
        assertThat(codes(review)).containsExactly("noStatements");
        assertThat(one("select to_regclass('watchkeeper.slo_probe') is null")).isEqualTo("t");
    }

    @Test
    void statementsAreEstimatedFromMeanAndDeviation() throws Exception {
        var server = TestServers.own(java.util.Map.of("shared_preload_libraries", "pg_stat_statements"));
        try (DatabasePools of = new DatabasePools(List.of(TestServers.settings("shore", server, "postgres")))) {
            TestServers.execute(server, "postgres", "create extension pg_stat_statements; create table t (i int)");
            TestServers.execute(server, "postgres", "insert into t select 1");
            TestServers.execute(server, "postgres", "  SELECT count(*) from t");
            Review review = look(
                    of, new SloObjectives(NEVER_KEPT, LONG, Ratio.percent(0.5), true, Duration.ofHours(1), false, 20));
            assertThat(codes(review)).containsExactly("readEstimate", "writeEstimate");
            assertThat(review.status()).isEqualTo("warn");
            assertThat(review.findings().get(0).message()).contains("are estimated", "pg_stat_statements");
        } finally {
            server.delete();
        }
    }

    @Test
    void whatIsKeptStaysOfOneSizeAndSumsAreRight() throws Exception {
        SloLedger ledger = new SloLedger(state, "shore");
        Duration step = Duration.ofHours(4);
        for (now = NOON; now.isBefore(NOON.plus(Duration.ofDays(40))); now = now.plus(step)) {
            if (now.isAfter(NOON.plus(Duration.ofDays(38)))) {
                step = Duration.ofMinutes(10);
            }
            SloSlice slice = new SloSlice();
            slice.latencies(SloSlice.Kind.READ).add(now.hashCode() % 30, 1);
            ledger.add(now, EASY, slice, null);
        }
        SloLedger.Contents known = ledger.read();
        assertThat(known.minutes().firstKey())
                .isAfter(now.minus(Duration.ofHours(6).plusMinutes(12)));
        assertThat(known.minutes()).hasSizeBetween(36, 37);
        assertThat(known.hours().firstKey())
                .isAfter(now.minus(Duration.ofDays(30).plusHours(2)));
        assertThat(known.since(now.minus(Duration.ofHours(1)), now)
                        .latencies(SloSlice.Kind.READ)
                        .count())
                .isEqualTo(6);
        assertThat(Files.size(state.resolve("slo/shore.json"))).isLessThan(400_000);
    }

    @Test
    void manyAtOnceLoseNoCount() throws Exception {
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            threads.add(new Thread(() -> {
                for (int i = 0; i < 10; i++) {
                    SloSlice slice = new SloSlice();
                    slice.addFailed(1);
                    new SloLedger(state, "shore").add(NOON, EASY, slice, null);
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(new SloLedger(state, "shore").read().since(NOON, NOON).failed())
                .isEqualTo(40);
    }

    @Test
    void aDamagedFileCountsAnewAndCountersThatWereResetAreNotCounted() throws Exception {
        SloLedger ledger = new SloLedger(state, "shore");
        ledger.add(NOON, EASY, new SloSlice(), new ServerCounts("1", 100, 10, 0));
        assertThat(ledger.add(NOON, EASY, new SloSlice(), new ServerCounts("1", 150, 12, 1))
                        .since(NOON, NOON)
                        .transactions())
                .isEqualTo(52);
        assertThat(ledger.add(NOON, EASY, new SloSlice(), new ServerCounts("2", 200, 20, 1))
                        .since(NOON, NOON)
                        .transactions())
                .isEqualTo(52);
        Files.writeString(state.resolve("slo/shore.json"), "{\"at\": \"half");
        assertThat(ledger.read().hours()).isEmpty();
        look(EASY);
        assertThat(ledger.read().hours()).hasSize(1);
    }

    @Test
    void percentilesAreRightWithinAStep() {
        LatencyCounts counts = new LatencyCounts();
        for (int millis = 1; millis <= 100; millis++) {
            counts.add(Duration.ofMillis(millis));
        }
        assertThat(counts.quantile(0.5).getAsDouble()).isBetween(0.045, 0.055);
        assertThat(counts.quantile(0.95).getAsDouble()).isBetween(0.085, 0.105);
        assertThat(new LatencyCounts().quantile(0.95)).isEmpty();
        counts.add(Duration.ofDays(1));
        counts.add(Duration.ZERO);
        assertThat(counts.count()).isEqualTo(102);
    }

    @Test
    void figuresAreThoseOfTheLastHourAndWhatIsLeftOfTheBudget() throws Exception {
        look(promised(LONG, NEVER_KEPT));
        List<Measurement> figures = new SloFigures(state, Set.of(), Clock.fixed(now, ZoneOffset.UTC)).get();
        assertThat(figures)
                .extracting(Measurement::metric, Measurement::subject)
                .contains(
                        org.assertj.core.groups.Tuple.tuple("latency", "read 0.95"),
                        org.assertj.core.groups.Tuple.tuple("latency", "write 0.5"),
                        org.assertj.core.groups.Tuple.tuple("at", ""));
        assertThat(figures)
                .filteredOn(
                        one -> one.metric().equals("budget") && one.subject().equals("write"))
                .singleElement()
                .satisfies(one -> assertThat(one.value()).isLessThan(-10));
    }

    @Test
    void figuresOfWhatNobodyPromisesOrMeasuresAnyLongerEndAfterADay() throws Exception {
        look(EASY);

        assertThat(figures(Duration.ofHours(23), Set.of())).contains("at");
        assertThat(figures(Duration.ofHours(25), Set.of())).isEmpty();
        assertThat(figures(Duration.ofHours(25), Set.of("shore"))).contains("at");
    }

    private List<String> figures(Duration later, Set<String> promised) {
        return new SloFigures(state, promised, Clock.fixed(now.plus(later), ZoneOffset.UTC))
                .get().stream().map(Measurement::metric).toList();
    }

    @Test
    void aDescriptionAsksNobody() throws Exception {
        DatabaseSettings gone =
                new DatabaseSettings("shore", "jdbc:postgresql://127.0.0.1:1/app", "postgres", null, 2, null, true);
        try (DatabasePools none = new DatabasePools(List.of(gone))) {
            SloLook look = new SloLook(none.database("shore"), WORK, state, Clock.systemUTC());
            assertThat(look.describe(EASY)).hasSize(2);
            assertThat(look.known(EASY).status()).isEqualTo("ok");
            assertThat(look.known(EASY).summary()).contains("no reads measured");
        }
        assertThat(SloLedger.all(state)).isEmpty();
    }
}
