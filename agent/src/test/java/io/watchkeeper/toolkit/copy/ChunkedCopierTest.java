package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Bytes;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Copies in chunks; the names C01 to C03 are those of the catalogue of copy cases. */
class ChunkedCopierTest {

    /** 20 chunks of 100 rows and about 50 KB, two seconds in all. */
    private static final CopyPlan SLOW = plan(Pace.FREE.withBatch(100L).withRateLimit(Bytes.kilobytes(500)));

    private static final CopyPlan QUICK = plan(Pace.FREE.withBatch(100L));

    private static final String ROWS = "select id, v, length(filler) from t order by id";

    private final Fleet fleet = new Fleet();

    private static CopyPlan plan(Pace pace) {
        return CopyPlan.of(TableName.parse("public.t"))
                .with(o -> o.withResume(true).withPace(pace.withWorkers(1)));
    }

    @BeforeEach
    void fill() {
        fill(fleet);
    }

    private static void fill(Fleet fleet) {
        fleet.both("create table t (id int primary key, v int unique, filler text)");
        fleet.on("shore", "insert into t select i, i, repeat('x', 500) from generate_series(1, 2000) i; analyze t");
        fleet.on("ship", "insert into t values (-1, -1, 'old')");
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    @Test
    void copiesInChunksAndLeavesNoRecord() throws Exception {
        CopyResult result = fleet.copy(QUICK);

        assertSame(fleet);
        assertThat(result.chunks()).isEqualTo(20);
        assertThat(result.rowsWritten()).isEqualTo(2000);
        assertThat(result.verified()).isTrue();
        assertThat(result.notes()).isEmpty();
        assertNothingLeft(fleet);
    }

    @Test
    void c01AnInterruptedCopyGoesOnWithTheChunksThatAreMissing() throws Exception {
        StoppableWork work = new StoppableWork("interrupted");
        work.onProgress(p -> {
            if (p.rows() > 700) {
                work.stop();
            }
        });
        assertThatThrownBy(() -> fleet.copy(SLOW, work)).isInstanceOf(WorkCancelledException.class);
        int in = Integer.parseInt(
                fleet.value("ship", "select count(*) from watchkeeper.copy_chunks where done_at is not null"));
        assertThat(in).isBetween(5, 19);
        assertThat(fleet.value("ship", "select count(*) from t")).isEqualTo(Integer.toString(in * 100));

        StoppableWork again = new StoppableWork("again");
        CopyResult result = fleet.copy(QUICK, again);

        assertSame(fleet);
        assertThat(result.chunks()).isEqualTo(20 - in);
        assertThat(again.progress)
                .as("the remaining time is that of the chunks that are missing")
                .filteredOn(p -> p.stage().equals("load"))
                .extracting(Progress::rows)
                .allMatch(rows -> rows > in * 100L && rows <= 2_000)
                .endsWith(2_000L);
        assertThat(result.rowsWritten()).isEqualTo((20 - in) * 100L);
        assertThat(result.notes()).singleElement().asString().contains(in + " chunks were in");
        assertNothingLeft(fleet);
    }

    @Test
    void withoutResumeTheNextCopyBeginsAnew() throws Exception {
        StoppableWork work = new StoppableWork("interrupted");
        work.onProgress(p -> {
            if (p.rows() > 700) {
                work.stop();
            }
        });
        assertThatThrownBy(() -> fleet.copy(SLOW, work)).isInstanceOf(WorkCancelledException.class);

        CopyResult result = fleet.copy(QUICK.with(o -> o.withResume(false)));

        assertSame(fleet);
        assertThat(result.chunks()).isEqualTo(20);
        assertNothingLeft(fleet);
    }

    @Test
    void whatIsWrittenBetweenChunksIsBroughtAtTheEnd() throws Exception {
        StoppableWork work = new StoppableWork("writers");
        once(work, 300, () -> fleet.on("shore", """
                update t set v = -id where id between 1 and 50;
                delete from t where id between 60 and 70;
                insert into t select i, i, 'new' from generate_series(3001, 3010) i;
                update t set v = id + 1000000 where id = 1999"""));

        CopyResult result = fleet.copy(SLOW, work);

        assertSame(fleet);
        assertThat(result.verified()).isTrue();
        assertNothingLeft(fleet);
    }

    @Test
    void deletionsAreFoundWithoutVerificationToo() throws Exception {
        StoppableWork work = new StoppableWork("writers");
        once(work, 300, () -> fleet.on("shore", "delete from t where id in (1, 7, 1999)"));

        fleet.copy(SLOW.with(o -> o.withVerify(false)), work);

        assertSame(fleet);
    }

    @Test
    void uniqueValuesThatRowsExchangeBetweenChunksArriveToo() throws Exception {
        StoppableWork work = new StoppableWork("exchange");
        once(work, 300, () -> fleet.on("shore", """
                begin; update t set v = -1 where id = 10; update t set v = 10 where id = 20;
                update t set v = 20 where id = 10; commit"""));

        fleet.copy(SLOW, work);

        assertSame(fleet);
    }

    @Test
    void c02ARewriteOfTheTableBetweenChunksOfPagesBeginsThemAgain() throws Exception {
        scatter();
        StoppableWork work = new StoppableWork("rewritten");
        betweenChunks(work, () -> {
            fleet.on("shore", "delete from t where id % 2 = 0");
            fleet.on("shore", "vacuum full t");
        });

        CopyResult result = fleet.copy(SLOW, work);

        assertSame(fleet);
        assertThat(result.notes()).anyMatch(n -> n.contains("began again: the table was rewritten"));
        assertNothingLeft(fleet);
    }

    @Test
    void c02AndChunksOfKeysGoOnAfterOne() throws Exception {
        StoppableWork work = new StoppableWork("rewritten");
        betweenChunks(work, () -> {
            fleet.on("shore", "delete from t where id % 2 = 0");
            fleet.on("shore", "vacuum full t");
        });

        CopyResult result = fleet.copy(SLOW, work);

        assertSame(fleet);
        assertThat(result.notes()).isEmpty();
    }

    @Test
    void c03ARowThatMovesFromOneChunkToAnotherArrivesOnce() throws Exception {
        StoppableWork work = new StoppableWork("moved");
        once(work, 300, () -> fleet.on("shore", """
                update t set id = 5000 where id = 5; update t set id = -7 where id = 1995;
                update t set id = 100000 + id where id between 900 and 910"""));

        fleet.copy(SLOW, work);

        assertSame(fleet);
    }

    @Test
    void aTruncatedSourceLeavesAnEmptyTarget() throws Exception {
        StoppableWork work = new StoppableWork("truncated");
        betweenChunks(work, () -> fleet.on("shore", "truncate t"));

        fleet.copy(SLOW, work);

        assertThat(fleet.rows("ship", ROWS)).isEmpty();
    }

    @Test
    void aTableThatIsReplacedMeanwhileIsCopiedFromTheBeginning() throws Exception {
        StoppableWork work = new StoppableWork("replaced");
        betweenChunks(work, () -> fleet.on("shore", """
                begin; alter table t rename to was; create table t (id int primary key, v int unique, filler text);
                insert into t select i, -i, 'other' from generate_series(1, 500) i; commit"""));

        CopyResult result = fleet.copy(SLOW, work);

        assertSame(fleet);
        assertThat(result.notes()).anyMatch(n -> n.contains("began again: the table was replaced"));
    }

    @Test
    void aLostConnectionOnEitherSideCostsTheChunkInFlightOnly() throws Exception {
        for (String side : List.of("shore", "ship")) {
            StoppableWork work = new StoppableWork("cut " + side);
            once(
                    work,
                    300,
                    () -> fleet.on(
                            side,
                            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cut "
                                    + side + "'"));

            CopyResult result = fleet.copy(SLOW, work);

            assertSame(fleet);
            assertThat(result.chunks()).isEqualTo(20);
            assertNothingLeft(fleet);
        }
    }

    @Test
    @Tag("campaign")
    void aServerThatCrashesAndComesBackIsWaitedFor() throws Exception {
        for (boolean sourceCrashes : new boolean[] {true, false}) {
            try (LocalServer own = TestServers.own(Map.of());
                    Fleet other =
                            sourceCrashes ? new Fleet(own, TestServers.ship()) : new Fleet(TestServers.shore(), own)) {
                fill(other);
                StoppableWork work = new StoppableWork("crash");
                once(work, 300, () -> {
                    own.crash();
                    own.start();
                });

                other.copy(SLOW, work);

                assertSame(other);
                assertNothingLeft(other);
            }
        }
    }

    @Test
    void severalWorkersCopyOneViewOfTheSource() throws Exception {
        StoppableWork work = new StoppableWork("one view");
        once(work, 300, () -> fleet.on("shore", "update t set v = -id; delete from t where id > 1500"));

        CopyResult result =
                fleet.copy(SLOW.with(o -> o.withResume(false).withPace(o.pace().withWorkers(3))), work);

        // Rows of the view: as they were when the copy began.
        assertThat(fleet.value("ship", "select count(*), sum(v), max(id) from t"))
                .isEqualTo("2000|2001000|2000");
        assertThat(result.chunks()).isGreaterThan(3);
        assertNothingLeft(fleet);
    }

    @Test
    void severalWorkersCopyATableWithoutKey() throws Exception {
        fleet.both("alter table t drop constraint t_pkey; alter table t drop constraint t_v_key");
        fleet.on("shore", "insert into t select * from t");

        CopyResult result =
                fleet.copy(QUICK.with(o -> o.withResume(false).withPace(o.pace().withWorkers(3))));

        assertThat(fleet.value("ship", "select count(*), sum(v) from t")).isEqualTo("4000|4002000");
        assertThat(result.chunks()).isGreaterThan(3);
    }

    @Test
    void withoutKeyAResumableCopyGoesInOneTransactionAndSaysSo() throws Exception {
        fleet.both("alter table t drop constraint t_pkey; alter table t drop constraint t_v_key");

        CopyResult result = fleet.copy(QUICK);

        assertThat(fleet.value("ship", "select count(*) from t")).isEqualTo("2000");
        assertThat(result.chunks()).isEqualTo(1);
        assertThat(result.notes()).anyMatch(n -> n.contains("no primary key"));
    }

    @Test
    void severalWorkersGoOnWithAnInterruptedCopy() throws Exception {
        StoppableWork work = new StoppableWork("interrupted");
        once(work, 900, work::stop);
        CopyPlan three = SLOW.with(o -> o.withPace(o.pace().withWorkers(3)));
        assertThatThrownBy(() -> fleet.copy(three, work)).isInstanceOf(WorkCancelledException.class);

        CopyResult result =
                fleet.copy(three.with(o -> o.withPace(Pace.FREE.withWorkers(3).withBatch(77L))));

        assertSame(fleet);
        assertThat(result.notes()).anyMatch(n -> n.contains("went on"));
        assertNothingLeft(fleet);
    }

    @Test
    void compositeTextKeysAreCutRight() throws Exception {
        fleet.both("create table k (a text, \"B c\" date, v int, primary key (a, \"B c\"))");
        fleet.on("shore", """
                insert into k select 'it''s \\ ' || i % 7, date '2026-01-01' + i, i from generate_series(1, 1000) i;
                insert into k select '선박' || i % 3, date '2026-01-01' + i, i from generate_series(1, 300) i""");

        CopyResult result = fleet.copy(QUICK.withTables(TableName.parse("k"), TableName.parse("k")));

        assertThat(result.chunks()).isEqualTo(13);
        String all = "select * from k order by a collate \"C\", \"B c\"";
        assertThat(fleet.rows("ship", all)).isEqualTo(fleet.rows("shore", all));
    }

    @Test
    void aPartitionedTableIsCutPartitionByPartition() throws Exception {
        fleet.both("""
                create table p (id int, at date, v text, primary key (id, at)) partition by range (at);
                create table p1 partition of p for values from ('2026-01-01') to ('2026-02-01');
                create table p2 partition of p for values from ('2026-02-01') to ('2026-03-01')""");
        fleet.on(
                "shore",
                "insert into p select i, date '2026-01-01' + i % 50, 'v' || i from generate_series(1, 1500) i");
        StoppableWork work = new StoppableWork("partitions");
        once(work, 1, () -> fleet.on("shore", "update p set at = at + 20 where id < 100 and at < '2026-02-01'"));

        fleet.copy(QUICK.withTables(TableName.parse("p"), TableName.parse("p")), work);

        String all = "select * from p order by id, at";
        assertThat(fleet.rows("ship", all)).isEqualTo(fleet.rows("shore", all));
    }

    @Test
    void twoAgentsDoNotFillOneTable() throws Exception {
        StoppableWork work = new StoppableWork("the first");
        Throwable[] second = new Throwable[1];
        once(work, 300, () -> second[0] = catchThrowable(() -> fleet.copy(QUICK)));

        fleet.copy(SLOW, work);

        assertThat(second[0])
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("is being filled by the first");
        assertSame(fleet);
    }

    @Test
    void whatAnAgentThatLostItsTurnHasInFlightIsNotCommitted() throws Exception {
        StoppableWork work = new StoppableWork("the slow one");
        betweenChunks(work, () -> {
            // Its leader's connection is gone and it does not know that yet; somebody else takes over.
            fleet.on("ship", """
                    select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objsubid = 1
                       and database = (select oid from pg_database where datname = current_database())""");
            fleet.copy(QUICK);
        });

        Throwable failure = catchThrowable(() -> fleet.copy(SLOW, work));

        // Either it noticed in its chunk, or at its leader's next step, and then copied the finished table again: never
        // a row twice.
        if (failure != null) {
            assertThat(failure).hasMessageContaining("another agent has gone on");
        }
        await().untilAsserted(() -> assertSame(fleet));
    }

    @Test
    void waitsWhileMoreSessionsAreActiveThanThePlanAllows() throws Exception {
        StoppableWork work = new StoppableWork("busy");
        AtomicBoolean waited = new AtomicBoolean();
        try (Connection one = TestServers.connect(fleet.login("shore"));
                Connection two = TestServers.connect(fleet.login("shore"));
                Statement first = one.createStatement();
                Statement second = two.createStatement()) {
            work.onProgress(p -> {
                if (p.stage().startsWith("waiting: ")) {
                    waited.set(true);
                    assertThatCode(first::cancel).doesNotThrowAnyException();
                    assertThatCode(second::cancel).doesNotThrowAnyException();
                }
            });
            for (Statement sleeping : List.of(first, second)) {
                new Thread(() -> assertThatThrownBy(() -> sleeping.execute("select pg_sleep(600)"))
                                .hasMessageContaining("user request"))
                        .start();
            }
            await().until(() -> fleet.rows(
                                    "shore",
                                    "select 1 from pg_stat_activity where query like 'select pg_sleep(600)' and state = 'active'")
                            .size()
                    >= 2);

            fleet.copy(QUICK.with(o -> o.withPace(o.pace().withMaxActiveSessions(1))), work);
        }
        assertThat(waited).isTrue();
        assertSame(fleet);
    }

    @Test
    void mergesInChunksAndGoesOnWithThem() throws Exception {
        fleet.on("ship", "insert into t select i, -i - 5000, 'old' from generate_series(1, 500) i");
        CopyPlan merge = SLOW.with(o -> o.withStrategy(CopyStrategy.MERGE));
        StoppableWork work = new StoppableWork("merge");
        once(work, 700, work::stop);
        assertThatThrownBy(() -> fleet.copy(merge, work)).isInstanceOf(WorkCancelledException.class);

        fleet.on("shore", "update t set v = v + 10000 where id < 10; delete from t where id = 1000");
        CopyResult result =
                fleet.copy(merge.with(o -> o.withPace(QUICK.options().pace())));

        assertThat(result.chunks()).isBetween(1, 19);
        assertThat(fleet.value("ship", "select count(*) from t where id = -1")).isEqualTo("1");
        fleet.on("ship", "delete from t where id in (-1, 1000)");
        assertSame(fleet);
        assertNothingLeft(fleet);
    }

    @Test
    void swapsInATableThatWasFilledInChunksWhileReadersSeeTheOldOne() throws Exception {
        CopyPlan swap = SLOW.with(o -> o.withStrategy(CopyStrategy.SWAP));
        StoppableWork work = new StoppableWork("swap");
        once(work, 700, work::stop);
        assertThatThrownBy(() -> fleet.copy(swap, work)).isInstanceOf(WorkCancelledException.class);
        assertThat(fleet.rows("ship", "select id, filler from t")).containsExactly("-1|old");
        fleet.on(
                "shore",
                "update t set id = 5000 where id = 5; delete from t where id = 1999; update t set v = -v where id < 4");

        CopyResult result = fleet.copy(swap.with(o -> o.withPace(QUICK.options().pace())));

        assertThat(result.chunks()).isBetween(1, 19);
        assertSame(fleet);
        assertNothingLeft(fleet);
        assertThat(fleet.rows("ship", "select relname from pg_class where relname ~ 'watchkeeper_swap'"))
                .isEmpty();
        assertThat(fleet.rows(
                        "ship", "select indexrelid::regclass from pg_index where indrelid = 't'::regclass order by 1"))
                .containsExactly("t_pkey", "t_v_key");
    }

    @Test
    void anotherCopyOfTheTableDropsAHalfFilledStandIn() throws Exception {
        CopyPlan swap = SLOW.with(o -> o.withStrategy(CopyStrategy.SWAP));
        StoppableWork work = new StoppableWork("swap");
        once(work, 700, work::stop);
        assertThatThrownBy(() -> fleet.copy(swap, work)).isInstanceOf(WorkCancelledException.class);

        fleet.copy("t");

        assertSame(fleet);
        assertNothingLeft(fleet);
        assertThat(fleet.rows("ship", "select relname from pg_class where relname ~ 'watchkeeper_swap'"))
                .isEmpty();
    }

    @Test
    void aDryRunSaysInWhatChunks() throws Exception {
        List<String> notes = new TableCopier(fleet.shore(), fleet.ship(), new ReadOnlyWork())
                .describe(QUICK).stream().map(action -> action.note()).toList();

        assertThat(notes)
                .anyMatch(n -> n.contains("in chunks of about 100 rows, 1 worker"))
                .anyMatch(n -> n.contains("written meanwhile"));
        assertThat(fleet.rows("ship", "select to_regnamespace('watchkeeper')")).containsExactly("null");
    }

    @Test
    void anInterruptedSetGoesOnAndBringsFinishedTablesUpToDate() throws Exception {
        fleet.both(
                "create table a (id int primary key, v text); create table b (id int primary key references a, v text)");
        fleet.on("shore", """
                insert into a select i, 'v' || i from generate_series(1, 1000) i;
                insert into b select i, repeat('w', 500) from generate_series(1, 1000) i""");
        TableSetPlan plan = new TableSetPlan(List.of("public.a", "public.b"), List.of(), SLOW.options());
        StoppableWork work = new StoppableWork("set");
        work.onProgress(p -> {
            if (p.subject().equals("public.b") && p.rows() > 300) {
                work.stop();
            }
        });
        assertThatThrownBy(() -> new TableSetCopier(fleet.shore(), fleet.ship(), work).copy(plan))
                .isInstanceOf(WorkCancelledException.class);
        fleet.on(
                "shore",
                "update a set v = 'changed' where id = 7; delete from b where id = 500; delete from a where id = 500");

        TableSetResult result = new TableSetCopier(fleet.shore(), fleet.ship(), Fleet.WORK).copy(plan);

        assertThat(result.failures()).isEmpty();
        assertThat(result.results().get(0).chunks()).isZero();
        assertThat(result.results().get(1).chunks()).isBetween(1, 9);
        for (String table : List.of("a", "b")) {
            String rows = "select * from " + table + " order by id";
            assertThat(fleet.rows("ship", rows)).isEqualTo(fleet.rows("shore", rows));
        }
        assertNothingLeft(fleet);
    }

    @Test
    void appendingInChunksIsRefused() {
        assertThatThrownBy(() -> fleet.copy(QUICK.with(o -> o.withStrategy(CopyStrategy.APPEND))))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("would be there twice");
    }

    /** So that chunks are made of pages: the key's order is not that of the rows. */
    private void scatter() {
        fleet.on(
                "shore",
                "create table s as select * from t order by md5(id::text); truncate t; insert into t select * from s; analyze t");
    }

    /** Does something in the middle of the copy, in the copying thread. */
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
        once(work, 300, () -> {
            Thread thread = new Thread(() -> {
                try {
                    action.run();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            thread.start();
        });
    }

    private interface Action {
        void run() throws Exception;
    }

    private static void assertSame(Fleet fleet) {
        assertThat(fleet.rows("ship", ROWS)).isEqualTo(fleet.rows("shore", ROWS));
    }

    private static void assertNothingLeft(Fleet fleet) {
        assertThat(fleet.rows("ship", "select * from watchkeeper.copies")).isEmpty();
        assertThat(fleet.rows("ship", "select * from watchkeeper.copy_chunks")).isEmpty();
        assertThat(fleet.rows(
                        "ship",
                        "select 1 from pg_locks where locktype = 'advisory' and objsubid = 1"
                                + " and database = (select oid from pg_database where datname = current_database())"))
                .isEmpty();
    }
}
