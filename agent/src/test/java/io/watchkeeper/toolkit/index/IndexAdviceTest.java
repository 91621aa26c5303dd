package io.watchkeeper.toolkit.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.measures.Measurement;
import io.watchkeeper.measures.Measurements;
import io.watchkeeper.measures.Sample;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.testing.TestServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IndexAdviceTest {

    private static final Work WORK = Work.unattended("advice test");

    private final Seen seen = new Seen();
    private Planted db;

    @TempDir
    private Path folder;

    @BeforeEach
    void open() {
        db = new Planted();
    }

    @AfterEach
    void close() {
        db.close();
    }

    @Test
    void ofTwoThatHoldTheSameTheOneThatIsNoRuleGoes() throws Exception {
        db.sql(
                "create table t (id int primary key, a int, b text)",
                "create index z_id on t (id)",
                "create index a1 on t (a, b)",
                "create index a2 on t (a, b)",
                "create index a3 on t (a, b) where a > 5",
                "create index a4 on t (a, b desc)",
                "create index a5 on t (a, b text_pattern_ops)",
                "create unique index a6 on t (a, b)");

        assertThat(messages(review(plan()), "duplicate"))
                .hasSize(3)
                .anyMatch(text -> text.startsWith("public.z_id") && text.contains("the same as public.t_pkey"))
                .anyMatch(text -> text.startsWith("public.a1") && text.contains("the same as public.a6"))
                .anyMatch(text -> text.startsWith("public.a2") && text.contains("the same as public.a6"));
        assertThat(remedies(review(plan()), "duplicate"))
                .contains("DROP INDEX CONCURRENTLY public.z_id;", "DROP INDEX CONCURRENTLY public.a1;");
    }

    @Test
    void theBeginningOfAnotherIndexIsNamedWithIt() throws Exception {
        db.sql(
                "create table t (a int, b int, c int, d int)",
                "create index t_a on t (a)",
                "create index t_ab on t (a, b)",
                "create index t_abc on t (a, b, c)",
                "create index t_ad on t (a desc, d)",
                "create unique index t_b on t (b)",
                "create index t_bc on t (b, c)",
                "create index t_c on t (c) include (d)",
                "create index t_cb on t (c, b)");

        assertThat(remedies(review(plan()), "overlapping"))
                .containsExactlyInAnyOrder(
                        "DROP INDEX CONCURRENTLY public.t_a;", "DROP INDEX CONCURRENTLY public.t_ab;");
    }

    @Test
    void whatStandsInForADroppedIndexIsNotCalledUnused() throws Exception {
        db.sql(
                "create table t (a int, b int, c int)",
                "create index t_a on t (a)",
                "create index t_ab on t (a, b)",
                "create index t_c on t (c)",
                "create index t_c2 on t (c)",
                "insert into t select g, g, g from generate_series(1, 3000) g",
                "analyze t");

        Review review = review(unusedFor(Duration.ofMillis(1), List.of()));

        assertThat(remedies(review, "overlapping")).containsExactly("DROP INDEX CONCURRENTLY public.t_a;");
        assertThat(remedies(review, "duplicate")).containsExactly("DROP INDEX CONCURRENTLY public.t_c2;");
        assertThat(remedies(review, "unused")).isEmpty();
    }

    @Test
    void missingOnForeignKeysAndMergeKeys() throws Exception {
        db.sql(
                "create table parent (id int primary key, k int, unique (id, k))",
                "create table child (id int, p int references parent, q int references parent, r int, s int,"
                        + " constraint both_fk foreign key (r, s) references parent (id, k))",
                "create index child_q on child (q, id)",
                "create index child_sr on child (s, r)",
                "create table tiny (p int references parent)",
                "insert into parent select g, g from generate_series(1, 10) g",
                "insert into child select g, 1, 1, 1, 1 from generate_series(1, 2000) g",
                "analyze");
        AdvicePlan plan = new AdvicePlan(
                List.of("public.*"),
                null,
                List.of(),
                Map.of(new TableName("public", "child"), List.of("id", "p")),
                Duration.ofDays(30),
                1_000,
                Set.of());

        Review review = review(plan);

        assertThat(remedies(review, "missingForeignKey"))
                .containsExactly("CREATE INDEX CONCURRENTLY ON public.child (p);");
        assertThat(messages(review, "missingForeignKey").get(0)).contains("child_p_fkey", "reads all of 2000 rows");
        assertThat(remedies(review, "missingMergeKey"))
                .containsExactly("CREATE UNIQUE INDEX CONCURRENTLY ON public.child (id, p);");
        db.sql(
                remedies(review, "missingForeignKey").get(0),
                remedies(review, "missingMergeKey").get(0));
        assertThat(remedies(review(plan), "missingForeignKey")).isEmpty();
        assertThat(remedies(review(plan), "missingMergeKey")).isEmpty();
    }

    @Test
    void unusedOnlyWhereTheCountersGoBackFarEnoughAndNoOtherServerUsesIt() throws Exception {
        db.sql(
                "create table t (id int primary key, a int, b int)",
                "create index t_a on t (a)",
                "create index t_b on t (b)",
                "insert into t select g, g, g from generate_series(1, 3000) g",
                "analyze t");
        db.sql("set enable_seqscan = off; set enable_bitmapscan = off; select count(*) from t where b = 5");
        await().until(() ->
                db.one("select pg_stat_get_numscans('t_b'::regclass)").equals("1"));
        assertThat(remedies(review(plan()), "unused")).isEmpty();
        assertThat(messages(review(plan()), "tooYoung").get(0)).startsWith("1 indexes have not been used");
        AdvicePlan soon = unusedFor(Duration.ofMillis(1), List.of());

        Review review = review(soon);

        assertThat(remedies(review, "unused")).containsExactly("DROP INDEX CONCURRENTLY public.t_a;");
        assertThat(messages(review, "unused").get(0)).contains("public.t_a", "of no use to any query for");
        assertThat(seen.noted).anyMatch(one -> one.subject().equals("public.t_b") && one.value() == 1);

        // Another server, where nobody has the table: its counters say nothing against it.
        assertThat(remedies(review(unusedFor(Duration.ofMillis(1), List.of("ship"))), "unused"))
                .contains("DROP INDEX CONCURRENTLY public.t_a;");
        try (var ship = TestServers.connect(db.pools.database("ship").settings());
                var statement = ship.createStatement()) {
            statement.execute("create table t (id int primary key, a int); create index t_a on t (a);"
                    + " insert into t select g, g from generate_series(1, 3000) g; analyze t");
            statement.execute(
                    "set enable_seqscan = off; set enable_bitmapscan = off; select count(*) from t where a = 5");
        }
        await().until(() -> remedies(review(unusedFor(Duration.ofMillis(1), List.of("ship"))), "unused").stream()
                .noneMatch(text -> text.contains("t_a")));
    }

    @Test
    void whatWasUsedOnceAndNeverSinceItWasSeenIsUnused() throws Exception {
        db.sql("create table t (id int primary key, a int)", "create index t_a on t (a)");
        db.sql("insert into t select g, g from generate_series(1, 3000) g", "analyze t");
        db.sql("set enable_seqscan = off; set enable_bitmapscan = off; select count(*) from t where a = 5");
        await().until(() ->
                db.one("select pg_stat_get_numscans('t_a'::regclass)").equals("1"));
        Clock later = Clock.offset(Clock.systemUTC(), Duration.ofDays(60));
        seen.oldest.put("public.t_a", new Sample(later.instant().minus(Duration.ofDays(29)), 1));
        IndexAdvice advice = new IndexAdvice(db.shore, WORK, seen, later);

        assertThat(remedies(advice.review(plan()), "unused")).isEmpty();
        seen.oldest.put("public.t_a", new Sample(later.instant().minus(Duration.ofDays(31)), 1));
        assertThat(messages(advice.review(plan()), "unused").get(0))
                .contains("public.t_a", "of no use to any query for 31 d");
        seen.oldest.put("public.t_a", new Sample(later.instant().minus(Duration.ofDays(31)), 0));
        assertThat(remedies(advice.review(plan()), "unused")).isEmpty();
    }

    @Test
    void anIndexIsUnusedForNoLongerThanTheAgentHasSeenIt() throws Exception {
        db.sql("create table t (id int primary key, a int)", "create index t_a on t (a)");
        Clock later = Clock.offset(Clock.systemUTC(), Duration.ofDays(300));
        IndexAdvice advice = new IndexAdvice(db.shore, WORK, seen, later);
        // What others have measured of large indexes says nothing of the rest.
        seen.oldest.put("public.t_pkey", new Sample(later.instant().minus(Duration.ofDays(60)), 0));
        assertThat(remedies(advice.review(plan()), "unused")).hasSize(1);
        seen.firstLook = new Sample(later.instant().minus(Duration.ofDays(60)), 1);

        assertThat(remedies(advice.review(plan()), "unused")).isEmpty();
        assertThat(seen.noted).anyMatch(one -> one.subject().equals("public.t_a") && one.value() == 0);
        seen.oldest.put("public.t_a", new Sample(later.instant().minus(Duration.ofDays(29)), 0));
        assertThat(remedies(advice.review(plan()), "unused")).isEmpty();
        seen.oldest.put("public.t_a", new Sample(later.instant().minus(Duration.ofDays(31)), 0));
        assertThat(messages(advice.review(plan()), "unused").get(0))
                .contains("public.t_a", "of no use to any query for 31 d");
    }

    @Test
    void amongMoreThanAreRememberedTheNewestAreTheYoungOnes() throws Exception {
        db.sql(
                "create table t (id int primary key, a int)",
                "create index z_first on t ((a - 1))",
                "do $$ begin for i in 1..2000 loop execute format('create index i_%s on t ((a + %s))', i, i); end loop; end $$",
                "create index z_last on t ((a - 2))");
        Clock later = Clock.offset(Clock.systemUTC(), Duration.ofDays(300));
        seen.firstLook = new Sample(later.instant().minus(Duration.ofDays(60)), 2_000);

        Review review = new IndexAdvice(db.shore, WORK, seen, later).review(plan());

        assertThat(remedies(review, "unused"))
                .contains("DROP INDEX CONCURRENTLY public.z_first;")
                .doesNotContain("DROP INDEX CONCURRENTLY public.z_last;");
        assertThat(seen.noted).anyMatch(one -> one.subject().equals("public.z_last"));
    }

    @Test
    void invalidOnesAreToldApart() throws Exception {
        db.sql("create table t (id int primary key)", "create table u (id int)", "insert into u values (1), (1)");
        db.leftover("lock table t in row exclusive mode", "t_pkey");
        try {
            db.sql("create unique index concurrently u_id on u (id)");
        } catch (SQLException e) {
            assertThat(e.getMessage()).contains("could not create");
        }

        Review review = review(plan());

        assertThat(remedies(review, "leftover")).containsExactly("DROP INDEX CONCURRENTLY public.t_pkey_ccnew;");
        assertThat(remedies(review, "invalid").get(0)).startsWith("REINDEX INDEX CONCURRENTLY public.u_id;");
        assertThat(review.summary()).contains("1 invalid", "1 left of interrupted rebuilds");
    }

    @Test
    void theHousesRulesAreHeldAgainstEveryTable() throws Exception {
        db.sql(
                "create table incidents (id int primary key, tenant_id text, severity int, state text, created_at timestamptz)",
                "create index on incidents (tenant_id, created_at)",
                "create table audit (id int primary key, tenant_id text, created_at timestamptz)",
                "create table plain (id int primary key, k text)",
                "create index plain_k on plain using hash (k)",
                "create table parts (tenant_id text, created_at timestamptz) partition by range (created_at)",
                "create table parts_1 partition of parts for values from ('2026-01-01') to ('2026-02-01')");
        AdvicePlan plan = rules(Path.of("..", "runbooks", "index-rules.yaml"));

        Review review = review(plan);

        assertThat(remedies(review, "rule"))
                .containsExactlyInAnyOrder(
                        "CREATE INDEX CONCURRENTLY ON public.incidents (tenant_id, created_at DESC) INCLUDE (severity, state);\n"
                                + "DROP INDEX CONCURRENTLY public.incidents_tenant_id_created_at_idx;",
                        "CREATE INDEX CONCURRENTLY ON public.incidents (tenant_id, state, created_at DESC);",
                        "CREATE INDEX CONCURRENTLY ON public.audit (tenant_id, created_at DESC);",
                        "CREATE INDEX CONCURRENTLY ON public.plain USING btree (k);\nDROP INDEX CONCURRENTLY public.plain_k;",
                        """
                        SET lock_timeout = '2s';
                        CREATE INDEX parts_tenant_id_created_at_idx ON ONLY public.parts (tenant_id, created_at DESC);
                        SET lock_timeout = 0;
                        CREATE INDEX CONCURRENTLY parts_1_tenant_id_created_at_idx ON public.parts_1 (tenant_id, created_at DESC);
                        SET lock_timeout = '2s';
                        ALTER INDEX public.parts_tenant_id_created_at_idx ATTACH PARTITION public.parts_1_tenant_id_created_at_idx;""");
        for (String remedy : remedies(review, "rule")) {
            for (String statement : remedy.split("\n")) {
                db.sql(statement);
            }
        }
        assertThat(remedies(review(plan), "rule")).isEmpty();
    }

    @Test
    void overPartitionsOfPartitionsItIsMadeBesideTheWork() throws Exception {
        db.sql(
                "create table parent (id int primary key)",
                "create table parts (p int references parent, \"At\" date, t text) partition by range (\"At\")",
                "create table parts_1 partition of parts for values from ('2026-01-01') to ('2026-02-01') partition by hash (t)",
                "create table parts_1_a partition of parts_1 for values with (modulus 2, remainder 0)",
                "create table \"Parts 1 b\" partition of parts_1 for values with (modulus 2, remainder 1)",
                "create table parts_2 partition of parts for values from ('2026-02-01') to ('2026-03-01')",
                // Somebody has the name already.
                "create index parts_p_idx on parent (id)");
        AdvicePlan plan =
                new AdvicePlan(List.of("public.parts"), null, List.of(), Map.of(), Duration.ofDays(30), 0, Set.of());

        String remedy = remedies(review(plan), "missingForeignKey").get(0);

        assertThat(remedy.lines().filter(line -> !line.startsWith("SET ")))
                .hasSize(9)
                .allMatch(line -> line.startsWith("CREATE INDEX CONCURRENTLY ")
                        || line.contains(" ON ONLY ")
                        || line.contains(" ATTACH PARTITION "));
        // While somebody reads all of it and does not end.
        try (var reader = db.connect();
                var read = reader.createStatement()) {
            reader.setAutoCommit(false);
            // As a reader's transaction holds it between its statements.
            read.execute("lock table parts in access share mode");
            db.sql(("set statement_timeout = '30s'\n" + remedy).split("\n"));
        }
        assertThat(db.one("select indisvalid from pg_index where indexrelid = 'parts_p_idx1'::regclass"))
                .isEqualTo("t");
        assertThat(remedies(review(plan), "missingForeignKey")).isEmpty();
        db.sql("create table parts_3 partition of parts for values from ('2026-03-01') to ('2026-04-01')");
        assertThat(db.one("select count(*) from pg_index where indrelid = 'parts_3'::regclass"))
                .isEqualTo("1");
    }

    @Test
    void aWrongRuleIsToldWithItsLine() throws Exception {
        Path file = folder.resolve("rules.yaml");
        Files.writeString(file, "rules:\n  - name: a\n    tables: ['public.*']\n    nevr: [hash]\n");
        assertThatThrownBy(() -> review(rules(file))).isInstanceOfSatisfying(OperatorException.class, e -> {
            assertThat(e).hasMessageContaining(file + ":4: 'nevr' is no word of a rule");
            assertThat(e.hint()).contains("never");
        });
        Files.writeString(file, "rules:\n  - name: a\n    tables: ['public.*']\n    never: [hsh]\n");
        assertThatThrownBy(() -> review(rules(file))).hasMessageContaining(":4: 'hsh' is no kind of index");
        Files.writeString(file, "rules:\n  - name: a\n    tables: ['public.*']\n");
        assertThatThrownBy(() -> review(rules(file))).hasMessageContaining("rule 'a' asks for nothing");
        assertThatThrownBy(() -> review(rules(folder.resolve("none.yaml")))).hasMessageContaining("cannot be read");
    }

    @Test
    void nothingToSayIsSaid() throws Exception {
        db.sql("create table t (id int primary key)");

        Review review = review(plan());

        assertThat(review.status()).isEqualTo("ok");
        assertThat(review.summary()).isEqualTo("1 indexes of 1 tables: none too many, none missing");
    }

    private static AdvicePlan plan() {
        return AdvicePlan.of(List.of("public.*"));
    }

    private AdvicePlan unusedFor(Duration time, List<String> others) {
        return new AdvicePlan(
                List.of("public.*"),
                null,
                others.stream().map(db.pools::database).toList(),
                Map.of(),
                time,
                1_000,
                Set.of());
    }

    private static AdvicePlan rules(@Nullable Path file) {
        return new AdvicePlan(List.of(), file, List.of(), Map.of(), Duration.ofDays(30), 1_000, Set.of());
    }

    private Review review(AdvicePlan plan) throws Exception {
        return new IndexAdvice(db.shore, WORK, seen, Clock.tickMillis(ZoneOffset.UTC)).review(plan);
    }

    private static List<String> messages(Review review, String code) {
        return of(review, code).stream().map(ReviewFinding::message).toList();
    }

    private static List<String> remedies(Review review, String code) {
        return of(review, code).stream().map(ReviewFinding::remedy).toList();
    }

    private static List<ReviewFinding> of(Review review, String code) {
        return review.findings().stream().filter(one -> one.code().equals(code)).toList();
    }

    /** A memory that a test can read and set. */
    private static final class Seen implements Measurements {

        final List<Measurement> noted = new ArrayList<>();
        final Map<String, Sample> oldest = new HashMap<>();

        /** Of the advice itself. */
        @Nullable
        Sample firstLook;

        @Override
        public void note(Instant at, List<Measurement> figures) {
            noted.addAll(figures);
        }

        @Override
        public List<Sample> series(String of, String metric, String subject, Instant from) {
            return List.of();
        }

        @Override
        public Map<String, Sample> oldest(String of, String metric, Instant from) {
            if (metric.equals(IndexUse.SCANS)) {
                return oldest;
            }
            return firstLook == null ? Map.of() : Map.of("", firstLook);
        }

        @Override
        public Optional<Instant> holds(
                String of, String condition, String subject, boolean holds, Instant now, Duration forgottenAfter) {
            return Optional.empty();
        }
    }
}
