package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.StandbyServers;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Bytes;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What others do to the tables while they are copied in chunks must not lose, double or falsely prove a row. */
class ChunkFaultsTest {

    /** 20 chunks of 100 rows and about 50 KB, two seconds in all. */
    private static final CopyPlan SLOW = CopyPlan.of(TableName.parse("public.t"))
            .with(o -> o.withResume(true)
                    .withPace(Pace.FREE.withWorkers(1).withBatch(100L).withRateLimit(Bytes.kilobytes(500))));

    private static final CopyPlan QUICK =
            SLOW.with(o -> o.withPace(Pace.FREE.withWorkers(1).withBatch(100L)));

    private static final String ROWS = "select * from t order by id";

    private final Fleet fleet = new Fleet();

    @BeforeEach
    void fill() {
        fill(fleet);
    }

    private static void fill(Fleet fleet) {
        fleet.both("create table t (id int primary key, v int unique, filler text)");
        fleet.on("shore", "insert into t select i, i, repeat('x', 500) from generate_series(1, 2000) i; analyze t");
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    @Test
    void aMergeThatComparesEveryChunkDoesNotGoOnWithChunksThatWereNotCompared() throws Exception {
        CopyPlan merge = SLOW.with(o -> o.withStrategy(CopyStrategy.MERGE));
        interrupt(fleet, merge.with(o -> o.withVerify(false)));

        CopyResult result = fleet.copy(quick(merge));

        assertThat(result.verified()).isTrue();
        assertThat(result.chunks()).isEqualTo(20);
    }

    @Test
    void aMergeByAnotherKeyBeginsAnew() throws Exception {
        fleet.both("update t set v = id where v is null; alter table t alter v set not null");
        CopyPlan merge = SLOW.with(o -> o.withStrategy(CopyStrategy.MERGE));
        interrupt(fleet, merge);

        CopyResult result =
                fleet.copy(quick(merge).with(o -> o.withMergeBy(o.mergeBy().withColumns(List.of("v")))));

        assertThat(result.chunks()).isEqualTo(20);
        assertSame(fleet);
    }

    @Test
    void aConstraintThatOnlyTheTargetHasIsNoReasonToLeaveRowsOut() {
        fleet.on("shore", "alter table t drop constraint t_v_key; update t set v = 1 where id > 1990");

        assertThatThrownBy(() -> fleet.copy(QUICK.with(o -> o.withVerify(false))))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("t_v_key");
    }

    @Test
    void aPartitionThatIsAttachedOrDetachedMeanwhileIsNotOverlooked() throws Exception {
        fleet.both("""
                create table p (id int primary key, filler text) partition by range (id);
                create table p1 partition of p for values from (0) to (2001);
                create table p2 partition of p for values from (2001) to (3001);
                create table p3 (id int primary key, filler text)""");
        fleet.on("ship", "alter table p attach partition p3 for values from (3001) to (4001)");
        fleet.on(
                "shore",
                "insert into p select i, repeat('x', 500) from generate_series(1, 2500) i;"
                        + " insert into p3 select i, 'new' from generate_series(3001, 3010) i");
        CopyPlan plan = SLOW.withTables(TableName.parse("p"), TableName.parse("p"));
        String[] changes = {
            "alter table p attach partition p3 for values from (3001) to (4001)", "alter table p detach partition p2"
        };
        for (String change : changes) {
            StoppableWork work = new StoppableWork("partitions");
            betweenChunks(work, () -> fleet.on("shore", change));

            assertThatThrownBy(() -> fleet.copy(plan, work))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("was changed");
            CopyResult result = fleet.copy(quick(plan));

            assertThat(result.verified()).isTrue();
            String all = "select * from p order by id";
            assertThat(fleet.rows("ship", all)).isEqualTo(fleet.rows("shore", all));
        }
    }

    @Test
    void aColumnThatIsMadeAnewMeanwhileIsCopiedFromTheBeginning() throws Exception {
        for (CopyStrategy strategy : new CopyStrategy[] {CopyStrategy.TRUNCATE, CopyStrategy.MERGE}) {
            fleet.both("alter table t drop column if exists n; alter table t add n int default 1");
            StoppableWork work = new StoppableWork("column");
            betweenChunks(work, () -> fleet.on("shore", "alter table t drop n, add n int default 2"));

            fleet.copy(SLOW.with(o -> o.withStrategy(strategy).withVerify(strategy == CopyStrategy.MERGE)), work);

            assertThat(fleet.rows("ship", "select distinct n from t")).containsExactly("2");
        }
    }

    @Test
    void aServerThatCrashesTakesAnUnloggedTargetsRowsAndTheirRecord() throws Exception {
        try (LocalServer own = TestServers.own(Map.of());
                Fleet other = new Fleet(TestServers.shore(), own)) {
            fill(other);
            other.on("ship", "alter table t set unlogged");
            StoppableWork work = new StoppableWork("crash");
            AtomicBoolean crashed = new AtomicBoolean();
            once(work, 300, () -> {
                own.crash();
                own.start();
                crashed.set(true);
            });

            Throwable failure = catchThrowable(() -> other.copy(SLOW.with(o -> o.withVerify(false)), work));
            if (failure != null) {
                other.copy(QUICK.with(o -> o.withVerify(false)));
            }

            assertThat(crashed).isTrue();
            assertSame(other);
        }
    }

    @Test
    void aTargetThatIsDroppedAndMadeAgainLeavesNoRecord() throws Exception {
        interrupt(fleet, SLOW);
        fleet.on("ship", "drop table t; create table t (id int primary key, v int unique, filler text)");

        fleet.copy(QUICK);

        assertSame(fleet);
        assertThat(fleet.rows("ship", "select id from watchkeeper.copies")).isEmpty();
        assertThat(fleet.rows("ship", "select number from watchkeeper.copy_chunks"))
                .isEmpty();
    }

    @Test
    void rowsThatBeginToFulfilTheConditionWithoutBeingWrittenArriveToo() throws Exception {
        for (boolean verify : new boolean[] {true, false}) {
            fleet.on("shore", "drop table if exists most; create table most as select 200 as id");
            StoppableWork work = new StoppableWork("condition");
            once(work, 300, () -> fleet.on("shore", "update most set id = 0"));
            CopyPlan plan = SLOW.with(o -> o.withWhere("id not between 50 and (select m.id from most m)")
                    .withVerify(verify));

            CopyResult result = fleet.copy(plan, work);

            assertThat(fleet.value("ship", "select count(*), sum(id) from t"))
                    .isEqualTo(fleet.value("shore", "select count(*), sum(id) from t"));
            assertThat(result.verified()).isEqualTo(verify);
        }
    }

    @Test
    void whatOthersDoToTheTargetBetweenChunksIsPutRight() throws Exception {
        StoppableWork work = new StoppableWork("target");
        AtomicBoolean done = new AtomicBoolean();
        betweenChunks(work, () -> {
            fleet.on(
                    "ship",
                    "delete from t where id between 5 and 20; update t set filler = 'changed' where id = 50;"
                            + " insert into t values (9999, 1999, 'foreign')");
            done.set(true);
        });

        CopyResult result = fleet.copy(SLOW, work);

        assertThat(done).isTrue();
        assertSame(fleet);
        assertThat(result.notes()).anyMatch(note -> note.contains("differed"));
    }

    @Test
    @Tag("campaign")
    void aCopyOfMoreChunksThanFitOneAnswerCanBeGoneOnWith() throws Exception {
        int in = interrupt(fleet, SLOW);
        fleet.on(
                "ship",
                "insert into watchkeeper.copy_chunks (copy_id, number, schema_name, table_name, begins, ends, last, done_at)"
                        + " select c.id, 1000 + g, 'public', 't', '{-5}', '{-5}', false, now()"
                        + " from watchkeeper.copies c, generate_series(1, 100001) g");

        CopyResult result = fleet.copy(QUICK);

        assertThat(result.chunks()).isEqualTo(20 - in);
        assertSame(fleet);
    }

    @Test
    void rowsThatReferToRowsOfLaterChunksNeedNoRightToSilenceForeignKeys() throws Exception {
        fleet.both("create table tree (id int primary key, parent int references tree, filler text)");
        fleet.on("shore", "insert into tree select i, 2001 - i, 'x' from generate_series(1, 2000) i; analyze tree");
        makeRole();
        try (Fleet crew = fleet.loggingInAs("postgres", "chunk_crew")) {
            fleet.on(
                    "ship",
                    "alter table tree owner to chunk_crew; grant create on database "
                            + fleet.value("ship", "select current_database()") + " to chunk_crew");

            crew.copy(QUICK.withTables(TableName.parse("tree"), TableName.parse("tree")));
        }
        String all = "select * from tree order by id";
        assertThat(fleet.rows("ship", all)).isEqualTo(fleet.rows("shore", all));
    }

    @Test
    void aRoleThatMayNotSilenceTriggersCopiesInChunksToo() throws Exception {
        makeRole();
        fleet.on("ship", """
                create table seen (id int);
                create function note() returns trigger language plpgsql as $$ begin insert into seen values (new.id); return new; end $$;
                create trigger note before insert on t for each row execute function note();
                alter table t owner to chunk_crew; grant insert on seen to chunk_crew""");
        fleet.on(
                "ship",
                "grant create on database " + fleet.value("ship", "select current_database()") + " to chunk_crew");
        StoppableWork work = new StoppableWork("writers");
        once(
                work,
                300,
                () -> fleet.on(
                        "shore",
                        "update t set v = -id where id between 1 and 50; delete from t where id in (7, 1999)"));
        try (Fleet crew = fleet.loggingInAs("postgres", "chunk_crew")) {
            crew.copy(SLOW, work);
        }
        assertSame(fleet);
        assertThat(fleet.rows("ship", "select * from seen")).isEmpty();
        assertThat(fleet.value("ship", "select tgenabled from pg_trigger where tgname = 'note'"))
                .isEqualTo("O");
    }

    private void makeRole() {
        fleet.on(
                "ship",
                "do $$ begin if to_regrole('chunk_crew') is null then create role chunk_crew login; end if; end $$");
    }

    @Test
    void twoConnectionsToEachSideAreEnoughAndOneIsRefused() throws Exception {
        try (Fleet two = new Fleet(limited("shore", 2), limited("ship", 2))) {
            two.copy(QUICK.with(o -> o.withPace(o.pace().withWorkers(4))));
            assertSame(fleet);
        }
        try (Fleet one = new Fleet(limited("shore", 1), limited("ship", 1))) {
            assertThatThrownBy(() -> one.copy(QUICK))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("two connections");
        }
    }

    private DatabaseSettings limited(String side, int connections) {
        return new DatabaseSettings(side, fleet.login(side).url(), "postgres", null, connections, null, true);
    }

    @Test
    void aTableIsCopiedToAnotherOfTheSameDatabase() throws Exception {
        fleet.on("shore", "create table u (id int primary key, v int unique, filler text)");
        StoppableWork work = new StoppableWork("same");
        once(work, 300, () -> fleet.on("shore", "update t set v = -id where id < 100; delete from t where id = 50"));

        new TableCopier(fleet.shore(), fleet.shore(), work)
                .copy(SLOW.withTables(TableName.parse("t"), TableName.parse("u")));

        assertThat(fleet.rows("shore", "select * from u order by id")).isEqualTo(fleet.rows("shore", ROWS));
    }

    @Test
    void numericKeysOfOneValueAndDifferentDigitsAreOneKey() throws Exception {
        fleet.both("create table k (a numeric, b float8, v text, filler text, primary key (a, b))");
        fleet.on(
                "shore",
                "insert into k select i / 10.0, i / 3.0::float8, 'v' || i, repeat('x', 500) from generate_series(1, 2000) i");
        StoppableWork work = new StoppableWork("digits");
        once(
                work,
                300,
                () -> fleet.on(
                        "shore",
                        "update k set a = round(a, 5) where a < 20; update k set b = b + 1e-12 where a > 195"));

        fleet.copy(SLOW.withTables(TableName.parse("k"), TableName.parse("k")), work);

        String all = "select * from k order by a, b";
        assertThat(fleet.rows("ship", all)).isEqualTo(fleet.rows("shore", all));
    }

    @Test
    @Tag("campaign")
    void aPromotedStandbyIsCopiedFromTheBeginning() throws Exception {
        try (LocalServer primary = TestServers.own(Map.of());
                LocalServer standby = StandbyServers.of(primary)) {
            String database = TestServers.freshDatabase(primary);
            String hosts = "jdbc:postgresql://127.0.0.1:" + primary.port() + ",127.0.0.1:" + standby.port() + "/"
                    + database + "?targetServerType=primary";
            DatabaseSettings pair = new DatabaseSettings("shore", hosts, "postgres", null, 8, null, true);
            try (Fleet other = new Fleet(pair, fleet.login("ship"))) {
                other.on(
                        "shore",
                        "create table t (id int primary key, v int unique, filler text);"
                                + " insert into t select i, i, repeat('x', 500) from generate_series(1, 2000) i; analyze t");
                interrupt(other, SLOW);
                // A commit that the standby never gets, and that is lost with the primary.
                StandbyServers.pauseReplay(standby);
                other.on("shore", "update t set filler = 'lost' where id < 100");
                primary.crash();
                TestServers.execute(standby, "postgres", "select pg_wal_replay_resume(); select pg_promote()");
                String ask = "select count(*) from t";
                org.awaitility.Awaitility.await()
                        .ignoreExceptions()
                        .until(() -> other.value("shore", ask).equals("2000"));

                CopyResult result = other.copy(QUICK);

                assertSame(other);
                assertThat(result.notes()).anyMatch(note -> note.contains("promoted"));
                assertThat(result.chunks()).isEqualTo(20);
            }
        }
    }

    @Test
    @Tag("campaign")
    void g17AStandbyThatCancelsViewsGetsSmallerChunksAndAHint() throws Exception {
        try (LocalServer primary = TestServers.own(Map.of("max_standby_streaming_delay", "0"));
                LocalServer standby = StandbyServers.of(primary)) {
            String database = TestServers.freshDatabase(primary);
            DatabaseSettings source = TestServers.settings("shore", standby, database);
            DatabaseSettings writing = TestServers.settings("primary", primary, database);
            TestServers.execute(
                    primary,
                    database,
                    "create table t (id int primary key, v int unique, filler text);"
                            + " insert into t select i, i, repeat('x', 500) from generate_series(1, 2000) i; analyze t");
            try (Fleet other = new Fleet(source, fleet.login("ship"))) {
                org.awaitility.Awaitility.await()
                        .ignoreExceptions()
                        .until(() ->
                                other.value("shore", "select count(*) from t").equals("2000"));
                AtomicBoolean ended = new AtomicBoolean();
                Thread vacuum = new Thread(() -> {
                    while (!ended.get()) {
                        try {
                            TestServers.execute(
                                    primary,
                                    database,
                                    "update t set filler = filler || '' where id % 100 = 1; vacuum t");
                        } catch (IllegalStateException e) {
                            TestServers.execute(primary, database, "vacuum t");
                        }
                    }
                });
                Throwable failure;
                String chunks;
                vacuum.start();
                try {
                    failure = catchThrowable(() -> other.copy(SLOW.with(o -> o.withPace(
                            Pace.FREE.withWorkers(1).withBatch(1000L).withRateLimit(Bytes.kilobytes(200))))));
                    chunks = fleet.value("ship", "select count(*) from watchkeeper.copy_chunks");
                } finally {
                    ended.set(true);
                    vacuum.join();
                }
                if (failure != null) {
                    assertThat(failure).isInstanceOf(OperatorException.class);
                    assertThat(((OperatorException) failure).hint())
                            .contains("hot_standby_feedback")
                            .contains("max_standby_streaming_delay");
                    assertThat(Integer.parseInt(chunks)).isGreaterThan(2);
                    String lsn = TestHostLsn.of(writing);
                    org.awaitility.Awaitility.await()
                            .until(() -> other.value("shore", "select pg_last_wal_replay_lsn() >= '" + lsn + "'")
                                    .equals("t"));
                    other.copy(QUICK);
                }
                assertSame(other);
            }
        }
    }

    private static final class TestHostLsn {
        static String of(DatabaseSettings primary) throws SQLException {
            try (var connection = TestServers.connect(primary);
                    var statement = connection.createStatement();
                    var rows = statement.executeQuery("select pg_current_wal_lsn()")) {
                rows.next();
                return rows.getString(1);
            }
        }
    }

    private static CopyPlan quick(CopyPlan plan) {
        return plan.with(o -> o.withPace(QUICK.options().pace()));
    }

    /** @return how many chunks are in */
    private static int interrupt(Fleet fleet, CopyPlan plan) {
        StoppableWork work = new StoppableWork("interrupted");
        once(work, 700, work::stop);
        assertThatThrownBy(() -> fleet.copy(plan, work)).isInstanceOf(WorkCancelledException.class);
        return Integer.parseInt(
                fleet.value("ship", "select count(*) from watchkeeper.copy_chunks where done_at is not null"));
    }

    private static void once(StoppableWork work, long afterRows, Action action) {
        AtomicBoolean done = new AtomicBoolean();
        work.onProgress(p -> {
            if (p.rows() >= afterRows && !done.getAndSet(true)) {
                try {
                    action.run();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        });
    }

    /** In a thread of its own, as it waits for the lock of the chunk that is being read, and the next chunk waits for it. */
    private static void betweenChunks(StoppableWork work, Action action) {
        once(
                work,
                300,
                () -> new Thread(() -> {
                            try {
                                action.run();
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            }
                        })
                        .start());
    }

    private interface Action {
        void run() throws Exception;
    }

    private static void assertSame(Fleet fleet) {
        assertThat(fleet.rows("ship", ROWS)).isEqualTo(fleet.rows("shore", ROWS));
    }
}
