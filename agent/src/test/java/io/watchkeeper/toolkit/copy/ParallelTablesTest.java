package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.testing.StandbyServers;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ParallelTablesTest {

    private static final String FAMILY =
            "create table child (id int primary key, parent int); create table parent (id int primary key);"
                    + " alter table child add foreign key (parent) references parent;"
                    + " create table other_child (id int primary key, parent int references parent)";

    private Fleet fleet;

    @BeforeEach
    void open() {
        fleet = new Fleet();
    }

    @AfterEach
    void close() {
        assertThat(fleet.shore().poolFigures().active()).isZero();
        assertThat(fleet.ship().poolFigures().active()).isZero();
        await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("watchkeeper-copy") || name.equals("watchkeeper-read")));
        fleet.close();
    }

    /** Goes on when so many threads have come; fails the copy when they do not. */
    private static Work meeting(int threads, String stage) {
        CyclicBarrier barrier = new CyclicBarrier(threads);
        Set<String> met = ConcurrentHashMap.newKeySet();
        return new MeetingWork(p -> {
            if (p.stage().equals(stage) && met.add(p.subject()) && met.size() <= threads) {
                try {
                    barrier.await(20, TimeUnit.SECONDS);
                } catch (Exception e) {
                    throw new IllegalStateException("the others did not come", e);
                }
            }
        });
    }

    private static TableSetPlan all(int workers) {
        return new TableSetPlan(
                List.of("public.*"), List.of(), CopyOptions.DEFAULT.withPace(Pace.FREE.withWorkers(workers)));
    }

    private TableSetResult copy(TableSetPlan plan, Work work) throws Exception {
        return new TableSetCopier(fleet.shore(), fleet.ship(), work).copy(plan);
    }

    private void tables(int count, int rows) {
        for (int i = 0; i < count; i++) {
            fleet.both("create table t" + i + " (id int primary key, doc text)");
            fleet.on(
                    "shore",
                    "insert into t" + i + " select i, repeat('x', 100) from generate_series(1, " + rows
                            + ") i; analyze t" + i);
        }
    }

    @Test
    void tablesAreCopiedAtOnceAndToldInTheirOrder() throws Exception {
        tables(6, 100);

        TableSetResult result = copy(all(3), meeting(3, "load"));

        assertThat(result.failure()).isEmpty();
        assertThat(result.results())
                .extracting(r -> r.table().name())
                .containsExactly("t0", "t1", "t2", "t3", "t4", "t5");
        assertThat(result.rowsWritten()).isEqualTo(600);
    }

    @Test
    void severalAtOnceAreTheDefault() throws Exception {
        tables(4, 100);

        assertThat(copy(TableSetPlan.of(List.of("public.*"), List.of()), meeting(4, "load"))
                        .failure())
                .isEmpty();
    }

    @Test
    void theLargestComesFirst() throws Exception {
        tables(3, 100);
        fleet.on("shore", "insert into t1 select i, repeat('x', 100) from generate_series(101, 5000) i; analyze t1");
        List<String> order = new ArrayList<>();

        copy(all(1), new StoppableWork("order").onProgress(p -> {
                    if (p.stage().equals("load") && !order.contains(p.subject())) {
                        order.add(p.subject());
                    }
                }));

        assertThat(order).startsWith("public.t1").hasSize(3);
    }

    @Test
    void tablesOfAFamilyAreReadAtOnceInOneSnapshot() throws Exception {
        fleet.both(FAMILY);
        fleet.on(
                "shore",
                "insert into parent select generate_series(1, 1000); insert into child select i, i from generate_series(1, 1000) i;"
                        + " insert into other_child select i, i from generate_series(1, 1000) i");
        Work together = meeting(3, "load");
        AtomicReference<Boolean> once = new AtomicReference<>(false);
        Work work = new MeetingWork(p -> {
            if (p.stage().equals("load") && !once.getAndSet(true)) {
                fleet.on(
                        "shore",
                        "insert into parent values (5000); insert into child values (5000, 5000);"
                                + " insert into other_child values (5000, 5000)");
            }
            together.progress(p);
        });

        assertThat(copy(all(3), work).failure()).isEmpty();

        assertThat(
                        fleet.value(
                                "ship",
                                "select (select count(*) from parent), (select count(*) from child), (select count(*) from other_child)"))
                .isIn("1000|1000|1000", "1001|1001|1001");
    }

    @Test
    void aTableThatRefersToAFailedOneIsLeftAsItWas() throws Exception {
        fleet.both(FAMILY);
        fleet.on("ship", "alter table parent add check (id < 100)");
        fleet.on(
                "shore",
                "insert into parent values (500); insert into child values (1, 500); insert into other_child values (1, null)");
        fleet.on("ship", "insert into parent values (7); insert into child values (7, 7)");

        TableSetResult result = copy(all(3), Fleet.WORK);

        assertThat(result.failures()).extracting(f -> f.table().name()).containsExactly("parent", "child");
        assertThat(result.results()).extracting(r -> r.table().name()).containsExactly("other_child");
        assertThat(fleet.rows("ship", "select * from child")).containsExactly("7|7");
    }

    @Test
    void oneFailureDoesNotStopTheOthers() throws Exception {
        tables(5, 100);
        fleet.on("ship", "alter table t2 add check (id < 50)");

        TableSetResult result = copy(all(2), Fleet.WORK);

        assertThat(result.failures()).extracting(f -> f.table().name()).containsExactly("t2");
        assertThat(result.results()).extracting(r -> r.table().name()).containsExactly("t0", "t1", "t3", "t4");
    }

    @Test
    void aStopEndsAllStreams() {
        tables(4, 3000);
        StoppableWork work = new StoppableWork("set");
        Set<String> loading = ConcurrentHashMap.newKeySet();
        work.onProgress(p -> {
            if (p.stage().equals("load") && p.rows() > 0) {
                loading.add(p.subject());
                if (loading.size() > 1) {
                    work.stop();
                }
            }
        });
        TableSetPlan plan = new TableSetPlan(
                List.of("public.*"),
                List.of(),
                CopyOptions.DEFAULT.withPace(Pace.FREE.withWorkers(4).withRateLimit(new Bytes(200_000))));

        assertThatThrownBy(() -> copy(plan, work)).isInstanceOf(WorkCancelledException.class);
        await().untilAsserted(() -> assertThat(fleet.value(
                        "ship",
                        "select count(*) from pg_stat_activity where application_name = 'set' and state <> 'idle'"))
                .isEqualTo("0"));
    }

    @Test
    void anInterruptEndsAllStreams() throws Exception {
        tables(4, 3000);
        TableSetPlan plan = new TableSetPlan(
                List.of("public.*"),
                List.of(),
                CopyOptions.DEFAULT.withPace(Pace.FREE.withWorkers(4).withRateLimit(new Bytes(50_000))));
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Set<String> loading = ConcurrentHashMap.newKeySet();
        Thread copying = new Thread(() -> {
            try {
                copy(plan, new MeetingWork(p -> loading.add(p.subject())));
            } catch (Throwable e) {
                failure.set(e);
            }
        });
        copying.start();
        await().until(() -> loading.size() == 4);
        copying.interrupt();
        copying.join(Duration.ofSeconds(20).toMillis());

        assertThat(copying.isAlive()).isFalse();
        assertThat(failure.get()).isInstanceOf(WorkCancelledException.class).hasNoSuppressedExceptions();
    }

    @Test
    void theRateLimitHoldsOverAllStreams() throws Exception {
        tables(4, 2000);
        TableSetPlan plan = new TableSetPlan(
                List.of("public.*"),
                List.of(),
                CopyOptions.DEFAULT.withPace(Pace.FREE.withWorkers(4).withRateLimit(new Bytes(500_000))));
        long start = System.nanoTime();

        TableSetResult result = copy(plan, Fleet.WORK);

        double seconds = (System.nanoTime() - start) / 1e9;
        long bytes = result.results().stream().mapToLong(CopyResult::bytes).sum();
        assertThat(bytes).isGreaterThan(800_000);
        assertThat(seconds).isGreaterThan(bytes / 500_000.0 - 0.5);
    }

    @Test
    void aStandbyNeverSharesASnapshot() throws Exception {
        try (LocalServer primary = TestServers.own(Map.of())) {
            String database = TestServers.freshDatabase(primary);
            TestServers.execute(
                    primary,
                    database,
                    FAMILY
                            + "; insert into parent values (1); insert into child values (1, 1); insert into other_child values (1, 1)");
            try (LocalServer standby = StandbyServers.of(primary);
                    Fleet readers = new Fleet(TestServers.settings("shore", standby, database), fleet.login("ship"))) {
                fleet.on("ship", FAMILY);
                await().until(() -> readers.value("shore", "select count(*) from other_child")
                        .equals("1"));
                Set<String> threads = ConcurrentHashMap.newKeySet();

                TableSetResult result = new TableSetCopier(
                                readers.shore(),
                                readers.ship(),
                                new MeetingWork(
                                        p -> threads.add(Thread.currentThread().getName())))
                        .copy(all(4));

                assertThat(result.failure()).isEmpty();
                assertThat(threads).hasSize(1);
            }
        }
    }

    @Test
    void twoCopiesInOppositeDirectionsDoNotWaitForEachOther() throws Exception {
        tables(6, 10);
        try (Fleet narrow = new Fleet(one(fleet.login("shore")), one(fleet.login("ship")))) {
            ExecutorService threads = Executors.newFixedThreadPool(2);
            try {
                List<Future<TableSetResult>> copies = new ArrayList<>();
                for (int i = 0; i < 2; i++) {
                    Database from = i == 0 ? narrow.shore() : narrow.ship();
                    Database to = i == 0 ? narrow.ship() : narrow.shore();
                    copies.add(threads.submit(() -> {
                        TableSetCopier copier = new TableSetCopier(from, to, Fleet.WORK);
                        copier.copy(all(4));
                        copier.copy(all(4));
                        return copier.copy(all(4));
                    }));
                }
                for (Future<TableSetResult> copy : copies) {
                    assertThat(copy.get(60, TimeUnit.SECONDS).failure()).isEmpty();
                }
            } finally {
                threads.shutdownNow();
            }
        }
    }

    private static DatabaseSettings one(DatabaseSettings s) {
        return new DatabaseSettings(s.name(), s.url(), s.user(), s.password(), 1, null, true);
    }
}
