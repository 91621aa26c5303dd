package io.watchkeeper.toolkit.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.measures.Measurements;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Ratio;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReindexTest {

    private static final Work WORK = Work.unattended("reindex test");
    private static final String INVALID = "select count(*) from pg_index where not indisvalid";

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
    void buildsWhatIsBloatedAnewAndLeavesTheRest() throws Exception {
        db.bloated("t");
        db.sql(
                "create table fine as select g as id from generate_series(1, 60000) g",
                "create index fine_id on fine (id)");
        db.sql("vacuum analyze fine");
        long before = size("t_pkey");

        ReindexResult result = run(bloat("public.*", 30));

        assertThat(result.failure()).isEmpty();
        assertThat(result.rebuilt()).singleElement().satisfies(one -> {
            assertThat(one.index().index().toString()).isEqualTo("public.t_pkey");
            assertThat(one.index().measured()).isFalse();
            assertThat(one.reason()).contains("as statistics estimate");
            assertThat(one.bytesReclaimed()).isGreaterThan(before / 2);
        });
        assertThat(size("t_pkey")).isLessThan(before / 4);
        assertThat(result.looked()).isEqualTo(2);
        assertThat(db.one("select count(*) from watchkeeper.rebuilds")).isEqualTo("0");
        assertThat(run(bloat("public.*", 30)).rebuilt()).isEmpty();
    }

    @Test
    void pagesTellMoreThanStatistics() throws Exception {
        db.bloated("t");
        db.sql("create extension pgstattuple");

        assertThat(run(bloat("public.t", 30)).rebuilt())
                .singleElement()
                .satisfies(one -> assertThat(one.index().measured()).isTrue());
    }

    @Test
    void aDryRunSaysEverythingAndChangesNothing() throws Exception {
        db.bloated("t");
        db.leftover("lock table t in row exclusive mode", "t_pkey");
        long before = size("t_pkey");

        List<PlannedAction> actions = reindex(WORK).describe(bloat("public.t", 30));

        assertThat(actions)
                .extracting(PlannedAction::sql)
                .containsExactly(
                        "DROP INDEX CONCURRENTLY IF EXISTS public.t_pkey_ccnew",
                        "REINDEX INDEX CONCURRENTLY public.t_pkey");
        assertThat(actions.get(1).lock()).hasToString("SHARE UPDATE EXCLUSIVE");
        assertThat(actions.get(1).note())
                .contains("of it is empty", "may need", "that are free", "waits at most 1.0 s");
        assertThat(size("t_pkey")).isEqualTo(before);
        assertThat(db.one(INVALID)).isEqualTo("1");
        assertThat(db.one("select to_regclass('watchkeeper.rebuilds')")).isNull();
    }

    @Test
    void dropsLeftoversOfOthersAndNothingElse() throws Exception {
        db.sql(
                "create table t (id int primary key, doc text)",
                "alter table t alter doc set storage external",
                "insert into t select g, repeat('x', 3000) from generate_series(1, 10) g",
                "create table other (id int)",
                "insert into other values (1), (1)");
        String toast = db.one("select reltoastrelid::regclass || '_index' from pg_class where relname = 't'");
        String write = "insert into t values (11, repeat('x', 3000))";
        db.leftover(write, "t_pkey");
        db.leftover(write, toast);
        try {
            db.sql("create unique index concurrently other_id_ccnew on other (id)");
        } catch (java.sql.SQLException e) {
            assertThat(e.getMessage()).contains("could not create unique index");
        }
        assertThat(db.one(INVALID)).isEqualTo("3");

        ReindexResult result = run(bloat("public.*", 30));

        assertThat(result.leftovers())
                .extracting(IndexName::toString)
                .containsExactlyInAnyOrder("public.t_pkey_ccnew", toast + "_ccnew");
        assertThat(db.one("select indexrelid::regclass from pg_index where not indisvalid"))
                .isEqualTo("other_id_ccnew");
        assertThat(result.skipped()).containsKey("public.other_id_ccnew");
    }

    @Test
    void whatAnAttemptLeavesIsDroppedBeforeTheNext() throws Exception {
        db.sql("create table t (id int primary key)");
        ReindexPlan plan = new ReindexPlan(
                List.of("t"),
                null,
                Bytes.of(0),
                ReindexPlan.Method.CONCURRENTLY,
                false,
                Duration.ofSeconds(1),
                Duration.ofMillis(200),
                3,
                null);
        try (Connection old = db.connect();
                Statement writer = old.createStatement()) {
            old.setAutoCommit(false);
            writer.execute("insert into t values (1)");
            CompletableFuture<ReindexResult> running = CompletableFuture.supplyAsync(() -> quietly(plan));
            await().until(this::dropWaits);
            old.commit();
            ReindexResult result = running.get();
            assertThat(result.failure()).isEmpty();
            assertThat(result.rebuilt())
                    .singleElement()
                    .satisfies(one -> assertThat(one.attempts()).isGreaterThan(1));
        }
        assertThat(db.one(INVALID)).isEqualTo("0");
    }

    @Test
    void aTableThatSomebodyHoldsIsNamedWithItsHolderAndDoesNotStopTheOthers() throws Exception {
        db.sql("create table a (id int primary key)", "create table b (id int primary key)");
        try (Connection holder = db.connect();
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("lock table a in share mode");
            ReindexResult result = run(new ReindexPlan(
                    List.of("public.*"),
                    null,
                    Bytes.of(0),
                    ReindexPlan.Method.CONCURRENTLY,
                    false,
                    Duration.ofMillis(100),
                    Duration.ofSeconds(5),
                    1,
                    null));
            assertThat(result.rebuilt())
                    .extracting(one -> one.index().index().toString())
                    .containsExactly("public.b_pkey");
            assertThat(result.failure().orElseThrow())
                    .hasMessageContaining("public.a in database 'shore' is locked: public.a by pid");
        }
    }

    @Test
    void neverTwoAtOnceOnATable() throws Exception {
        db.sql("create table t (id int primary key)");
        try (Session other = db.shore.open(Work.unattended("another agent"))) {
            long id = Long.parseLong(db.one("select 't'::regclass::oid"));
            assertThat(TableTurn.take(other, id)).isTrue();
            ReindexResult result = run(ReindexPlan.of(List.of("t")));
            assertThat(result.rebuilt()).isEmpty();
            assertThat(result.skipped()).containsEntry("public.t_pkey", "another agent builds indexes of public.t");
        }
    }

    @Test
    void aCancelledRebuildLeavesNothing() throws Exception {
        db.sql("create table t (id int primary key)");
        StoppableWork work = new StoppableWork("reindex test");
        try (Connection old = db.connect();
                Statement writer = old.createStatement()) {
            old.setAutoCommit(false);
            writer.execute("insert into t values (1)");
            CompletableFuture<Object> running = CompletableFuture.supplyAsync(() -> {
                try {
                    return reindex(work).run(ReindexPlan.of(List.of("t")));
                } catch (Exception e) {
                    return e;
                }
            });
            await().until(() -> db.one(INVALID).equals("1"));
            work.stop();
            // Dropping what is left waits for the transaction, too.
            await().until(this::dropWaits);
            old.commit();
            assertThat(running.get()).isInstanceOf(WorkCancelledException.class);
        }
        assertThat(db.one(INVALID)).isEqualTo("0");
        assertThat(db.one("select count(*) from watchkeeper.rebuilds")).isEqualTo("0");
    }

    @Test
    void partitionsUnloggedTablesAndOddNamesAreBuiltAndExclusionConstraintsAreSkippedWithTheReason() throws Exception {
        db.sql(
                "create table p (id int primary key) partition by range (id)",
                "create table p1 partition of p for values from (0) to (10)",
                "create schema \"Odd Schema\"",
                "create unlogged table \"Odd Schema\".\"T 1\" (id int)",
                "create index \"I \"\"1\" on \"Odd Schema\".\"T 1\" (id)",
                "create table e (r int4range, exclude using gist (r with &&))");

        ReindexResult result = run(ReindexPlan.of(List.of("*.*")));

        assertThat(result.failure()).isEmpty();
        assertThat(result.rebuilt())
                .extracting(one -> one.index().index().toString())
                .contains("public.p1_pkey", "\"Odd Schema\".\"I \"\"1\"")
                .doesNotContain("public.e_r_excl");
        assertThat(result.skipped().get("public.e_r_excl")).contains("exclusion constraint");
        assertThat(run(new ReindexPlan(
                                List.of("e"),
                                null,
                                Bytes.of(0),
                                ReindexPlan.Method.IN_PLACE,
                                false,
                                Duration.ofSeconds(1),
                                Duration.ofSeconds(1),
                                1,
                                null))
                        .rebuilt())
                .extracting(one -> one.index().index().toString())
                .contains("public.e_r_excl");
    }

    @Test
    void systemCataloguesAreLeftWithTheReason() throws Exception {
        ReindexResult result = run(ReindexPlan.of(List.of("pg_catalog.*")));

        assertThat(result.rebuilt()).isEmpty();
        assertThat(result.skipped().get("pg_catalog.*")).contains("REINDEX SYSTEM");
    }

    @Test
    void aRoleThatMayNotIsToldWhatItNeeds() throws Exception {
        db.sql("create table t (id int primary key)");
        String role = "rebuilder_" + ProcessHandle.current().pid();
        db.sql("create role " + role + " login");
        try (DatabasePools pools = new DatabasePools(
                List.of(new DatabaseSettings("shore", db.shore.settings().url(), role, null, 2, null, true)))) {
            Reindex reindex = new Reindex(pools.database("shore"), WORK, Measurements.none(), Clock.systemUTC(), null);
            assertThat(reindex.run(ReindexPlan.of(List.of("t")))
                            .failure()
                            .orElseThrow()
                            .hint())
                    .isEqualTo("CREATE SCHEMA IF NOT EXISTS watchkeeper AUTHORIZATION " + role + ";");
            db.sql("create schema watchkeeper authorization " + role);
            OperatorException denied =
                    reindex.run(ReindexPlan.of(List.of("t"))).failure().orElseThrow();
            assertThat(denied).hasMessageContaining("'" + role + "' may not rebuild public.t_pkey of database 'shore'");
            assertThat(denied.hint()).contains("a member of the owner of public.t", "TO " + role);
            db.sql("alter table t owner to " + role);
            assertThat(reindex.run(ReindexPlan.of(List.of("t"))).rebuilt()).hasSize(1);
        } finally {
            db.sql("drop owned by " + role, "drop role " + role);
        }
    }

    @Test
    void nothingIsBegunThatTheDiskHasNoRoomFor() throws Exception {
        db.bloated("t");
        Reindex poor = new Reindex(
                db.shore,
                WORK,
                Measurements.none(),
                Clock.systemUTC(),
                new Room(folder -> Optional.of(Bytes.kilobytes(100))),
                null);

        ReindexResult result = poor.run(bloat("t", 30));

        assertThat(result.failure().orElseThrow())
                .hasMessageContaining("building public.t_pkey anew may need")
                .hasMessageContaining("100 KB free");
        assertThat(db.one("select count(*) from watchkeeper.rebuilds")).isEqualTo("0");
    }

    @Test
    void anIndexThatIsNotSoundIsBuiltAnewHoweverFull() throws Exception {
        db.sql("create table t (id int primary key)", "insert into t select generate_series(1, 1000)");
        ReindexPlan plan = new ReindexPlan(
                List.of("t"),
                Ratio.percent(30),
                Bytes.of(0),
                ReindexPlan.Method.CONCURRENTLY,
                true,
                Duration.ofSeconds(1),
                Duration.ofSeconds(5),
                1,
                null);
        assertThatThrownBy(() -> run(plan))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.hint()).contains("CREATE EXTENSION amcheck"));
        db.sql("create extension amcheck");
        db.sql("analyze t");
        assertThat(run(plan).rebuilt()).isEmpty();
        // As a changed sort order of the operating system does it: the index is in an order that is none any more.
        db.sql(
                "create function odd(int, int) returns int language sql immutable as 'select btint4cmp($2, $1)'",
                "create operator class odd_ops for type int4 using btree as operator 1 <, operator 2 <=, operator 3 =,"
                        + " operator 4 >=, operator 5 >, function 1 odd(int, int)",
                "create index t_odd on t (id odd_ops)",
                "create or replace function odd(int, int) returns int language sql immutable as 'select btint4cmp($1, $2)'");

        ReindexResult result = run(plan);

        assertThat(result.rebuilt()).singleElement().satisfies(one -> {
            assertThat(one.index().index().toString()).isEqualTo("public.t_odd");
            assertThat(one.reason()).startsWith("it is not sound: item order invariant violated");
        });
        db.sql("select bt_index_check('t_odd', true)");
    }

    private boolean dropWaits() throws Exception {
        return db.one("select count(*) from pg_stat_activity where datname = current_database()"
                        + " and query like 'DROP INDEX%' and wait_event_type = 'Lock'")
                .equals("1");
    }

    private ReindexResult quietly(ReindexPlan plan) {
        try {
            return run(plan);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private Reindex reindex(Work work) {
        return new Reindex(db.shore, work, Measurements.none(), Clock.systemUTC(), null);
    }

    private ReindexResult run(ReindexPlan plan) throws Exception {
        return reindex(WORK).run(plan);
    }

    private static ReindexPlan bloat(String tables, double percent) {
        return new ReindexPlan(
                List.of(tables),
                Ratio.percent(percent),
                Bytes.kilobytes(100),
                ReindexPlan.Method.CONCURRENTLY,
                false,
                Duration.ofSeconds(1),
                Duration.ofSeconds(10),
                2,
                null);
    }

    private long size(String index) throws Exception {
        return Long.parseLong(db.one("select pg_relation_size('" + index + "')"));
    }
}
