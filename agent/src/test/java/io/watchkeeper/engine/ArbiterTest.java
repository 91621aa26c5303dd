package io.watchkeeper.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.HeavyWork.Kind;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.testing.OtherProcess;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Bytes;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Heavy work of one host: a few at a time, over all its processes. */
class ArbiterTest {

    @TempDir
    Path state;

    private TestHost host;

    /** Keeps runs at work until it is counted down. */
    private final CountDownLatch done = new CountDownLatch(1);

    private static HeavyLimits limits(int atOnce, int maxActive) {
        return limits(atOnce, maxActive, null);
    }

    private static HeavyLimits limits(int atOnce, int maxActive, @Nullable Bytes rate) {
        return new HeavyLimits(
                atOnce,
                Duration.ofMinutes(5),
                Duration.ofMinutes(15),
                Duration.ofSeconds(30),
                maxActive,
                rate,
                Duration.ofMillis(100),
                Duration.ZERO);
    }

    @BeforeEach
    void startHost() {
        host = new TestHost(state, limits(1, 100));
    }

    private void hostWith(HeavyLimits limits) {
        host.close();
        host = new TestHost(state, limits);
    }

    @AfterEach
    void nothingIsLeft() {
        done.countDown();
        host.assertNothingLeft();
        assertThat(state.resolve("heavy").resolve("working")).isEmptyDirectory();
        assertThat(state.resolve("heavy").resolve("waiting")).isEmptyDirectory();
        host.close();
        assertThat(state.resolve("heavy").resolve("strains")).isEmptyDirectory();
    }

    private TestRunbook heavy(String name, HeavyWork work, Runnable doing) {
        return TestRunbook.named(name)
                .step(
                        "work",
                        context -> context.heavily(work, () -> {
                            doing.run();
                            return 0;
                        }));
    }

    private TestRunbook holder(String name, Kind kind) {
        return heavy(name, HeavyWork.on(kind, "shore"), this::untilDone);
    }

    private void untilDone() {
        try {
            done.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private ArbiterState now() {
        return host.runner.arbiter().state();
    }

    private void awaitWorking(int many) {
        await().atMost(Duration.ofSeconds(20)).until(() -> now().working().size() == many);
    }

    @Test
    void atMostSoManyRunsAreAtItAndTheMoreUrgentOnesComeFirst() {
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<RunHandle> handles = new ArrayList<>(List.of(host.start(holder("first", Kind.COPY))));
        awaitWorking(1);
        int waiting = 0;
        for (Kind kind : List.of(Kind.DRILL, Kind.VERIFY, Kind.SYNC, Kind.BACKUP)) {
            handles.add(host.start(heavy(kind.wireName(), HeavyWork.on(kind, "shore"), () -> {
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                order.add(kind.wireName());
                inside.decrementAndGet();
            })));
            int soMany = ++waiting;
            await().atMost(Duration.ofSeconds(20)).until(() -> now().waiting().size() == soMany);
        }
        assertThat(now().waiting())
                .extracting(job -> job.runbook())
                .containsExactly("backup", "sync", "verify", "drill");
        assertThat(now().waiting().get(1).reason()).startsWith("waits for 'first' (run");
        host.awaitLog("waits for 'first' (run " + handles.get(0).runId() + ", copy), 1st in line");
        done.countDown();
        handles.forEach(handle -> assertThat(TestHost.end(handle).state()).isEqualTo(RunState.SUCCEEDED));
        assertThat(order).containsExactly("backup", "sync", "verify", "drill");
        assertThat(most).hasValue(1);
    }

    @Test
    void whatARunDoesInsideOrBesideItsHeavyWorkCountsOnce() {
        RunOutcome run = host.run(TestRunbook.named("nested").step("work", context -> {
            int inner = context.heavily(HeavyWork.between(Kind.COPY, "shore", "ship"), () -> {
                List<CompletableFuture<Integer>> beside = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    beside.add(CompletableFuture.supplyAsync(() -> context.heavily(
                            HeavyWork.maintenance("ship"), () -> now().working().size())));
                }
                int most = 0;
                for (CompletableFuture<Integer> one : beside) {
                    most = Math.max(most, one.orTimeout(10, TimeUnit.SECONDS).join());
                }
                return most;
            });
            assertThat(inner).isEqualTo(1);
        }));
        assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
    }

    @Test
    void verbsThatARunBeginsAtTheSameTimeWaitForOnePlaceTogether() {
        RunHandle holder = host.start(holder("holder", Kind.COPY));
        awaitWorking(1);
        AtomicInteger inside = new AtomicInteger();
        RunHandle both = host.start(TestRunbook.named("both").step("work", context -> {
            List<CompletableFuture<Void>> verbs = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                verbs.add(CompletableFuture.runAsync(() -> inTogether(context, inside)));
            }
            verbs.forEach(verb -> verb.orTimeout(30, TimeUnit.SECONDS).join());
        }));
        await().atMost(Duration.ofSeconds(20)).until(() -> now().waiting().size() == 1);
        done.countDown();
        assertThat(TestHost.end(both).state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(TestHost.end(holder).state()).isEqualTo(RunState.SUCCEEDED);
    }

    private static void inTogether(StepContext context, AtomicInteger inside) {
        int ignored = context.heavily(HeavyWork.on(Kind.COPY, "shore"), () -> {
            inside.incrementAndGet();
            await().atMost(Duration.ofSeconds(20)).until(() -> inside.get() == 2);
            return 0;
        });
        assertThat(ignored).isZero();
    }

    @Test
    void aRunThatWaitsIsCancelledAtOnceAndRunsOutOfTimeWithAWordWhere() {
        RunHandle holder = host.start(holder("holder", Kind.COPY));
        awaitWorking(1);
        RunHandle cancelled = host.start(holder("cancelled", Kind.COPY));
        await().atMost(Duration.ofSeconds(20)).until(() -> now().waiting().size() == 1);
        host.runner.cancel(cancelled.runId(), "bob");
        assertThat(TestHost.end(cancelled).state()).isEqualTo(RunState.CANCELLED);

        RunOutcome late = host.run(holder("late", Kind.COPY).timeout(Duration.ofMillis(600)));
        assertThat(late.state()).isEqualTo(RunState.TIMED_OUT);
        assertThat(TestHost.error(late).message())
                .contains("before its heavy work began: waits for 'holder' (run " + holder.runId());
        assertThat(now().waiting()).isEmpty();
        done.countDown();
        assertThat(TestHost.end(holder).state()).isEqualTo(RunState.SUCCEEDED);
    }

    @Test
    void aFailureGivesThePlaceBackAndADryRunNeedsNone() {
        RunOutcome failed = host.run(heavy("failing", HeavyWork.on(Kind.COPY, "shore"), () -> {
            throw new IllegalStateException("no");
        }));
        assertThat(failed.state()).isEqualTo(RunState.FAILED);
        assertThat(now().working()).isEmpty();
        RunHandle holder = host.start(holder("holder", Kind.COPY));
        awaitWorking(1);
        assertThat(host.dryRun(heavy("dry", HeavyWork.on(Kind.COPY, "shore"), () -> {}))
                        .state())
                .isEqualTo(RunState.SUCCEEDED);
        done.countDown();
        assertThat(TestHost.end(holder).state()).isEqualTo(RunState.SUCCEEDED);
    }

    @Test
    void processesShareThePlacesAndOneThatIsKilledGivesItsBack() {
        try (OtherProcess other = OtherProcess.start(Working.class, state.toString(), host.shore.url())) {
            assertThat(now().working()).singleElement().satisfies(job -> {
                assertThat(job.runbook()).isEqualTo("elsewhere");
                assertThat(job.pid()).isNotEqualTo(ProcessHandle.current().pid());
            });
            RunHandle waiting = host.start(heavy("waiting", HeavyWork.on(Kind.BACKUP, "shore"), () -> {}));
            host.awaitLog("waits for 'elsewhere'");
            other.kill();
            assertThat(TestHost.end(waiting).state()).isEqualTo(RunState.SUCCEEDED);
        }
        // What a killed process has left is empty; whoever comes next tidies it up, if the one that waited did not yet.
        RunHandle next = host.start(heavy("next", HeavyWork.on(Kind.BACKUP, "shore"), () -> {}));
        assertThat(TestHost.end(next).state()).isEqualTo(RunState.SUCCEEDED);
        RunLiveness.sweep(new StateFolder(state));
    }

    @Test
    void maintenanceWaitsWhileUsersKeepTheServerBusyAndBeginsWhenTheyAreDone() throws Exception {
        hostWith(limits(2, 1));
        RunHandle vacuum;
        try (Connection one = TestServers.connect(host.shore);
                Connection two = TestServers.connect(host.shore);
                Statement first = one.createStatement();
                Statement second = two.createStatement()) {
            CompletableFuture<Void> busy = CompletableFuture.allOf(keepBusy(first), keepBusy(second));
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> host.query("select count(*) from pg_stat_activity where query like '%keeps busy%'"
                                    + " and state = 'active' and pid <> pg_backend_pid()")
                            .equals(List.of("2")));
            vacuum = host.start(heavy("vacuum", HeavyWork.maintenance("shore"), () -> {}));
            // Other tests may be at work on the same server.
            host.awaitLog(" sessions keep 'shore' busy (limit 1), 1st in line");
            assertThat(now().strains()).extracting(Strain::kind).containsExactly(Strain.Kind.LOAD);
            // A backup does not wait for them.
            assertThat(host.run(heavy("backup", HeavyWork.on(Kind.BACKUP, "shore"), () -> {}))
                            .state())
                    .isEqualTo(RunState.SUCCEEDED);
            first.cancel();
            second.cancel();
            assertThat(busy).failsWithin(Duration.ofSeconds(20));
        }
        assertThat(TestHost.end(vacuum).state()).isEqualTo(RunState.SUCCEEDED);
    }

    private static CompletableFuture<Void> keepBusy(Statement statement) {
        return CompletableFuture.runAsync(() -> {
            try {
                statement.execute("do $$ begin for i in 1..2000000000 loop null; end loop; end $$ /* keeps busy */");
            } catch (java.sql.SQLException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void workThatHasBegunGoesOnSlowlyWhileTheServerIsBusy() throws Exception {
        hostWith(limits(2, 0));
        CountDownLatch began = new CountDownLatch(1);
        RunHandle copy = host.start(TestRunbook.named("copy").step("work", context -> {
            int ignored = context.heavily(HeavyWork.between(Kind.COPY, "shore", "shore"), () -> {
                began.countDown();
                while (done.getCount() > 0) {
                    context.work().throwIfCancelled();
                    Thread.onSpinWait();
                }
                return 0;
            });
            assertThat(ignored).isZero();
        }));
        assertThat(began.await(20, TimeUnit.SECONDS)).isTrue();
        try (Connection user = TestServers.connect(host.shore);
                Statement statement = user.createStatement()) {
            CompletableFuture<Void> busy = keepBusy(statement);
            host.awaitLog(" sessions keep 'shore' busy");
            assertThat(now().working().get(0).reason()).startsWith("goes on slowly because ");
            statement.cancel();
            assertThat(busy).failsWithin(Duration.ofSeconds(20));
        }
        host.awaitLog("goes on at its own pace again");
        done.countDown();
        assertThat(TestHost.end(copy).state()).isEqualTo(RunState.SUCCEEDED);
    }

    @Test
    void runsAtHeavyWorkShareTheCommonRate() {
        hostWith(limits(2, 100, Bytes.of(1_000_000)));
        List<Long> rates = Collections.synchronizedList(new ArrayList<>());
        RunHandle alone = host.start(TestRunbook.named("alone").step("work", context -> {
            int ignored = context.heavily(HeavyWork.on(Kind.COPY, "shore"), () -> {
                rates.add(context.work().sharedRate().orElseThrow());
                untilDone();
                return 0;
            });
            assertThat(ignored).isZero();
        }));
        await().atMost(Duration.ofSeconds(20)).until(() -> !rates.isEmpty());
        RunHandle second = host.start(TestRunbook.named("second").step("work", context -> {
            int ignored = context.heavily(HeavyWork.on(Kind.SYNC, "shore"), () -> {
                await().atMost(Duration.ofSeconds(10))
                        .until(() -> context.work().sharedRate().orElseThrow() == 500_000);
                return 0;
            });
            assertThat(ignored).isZero();
        }));
        assertThat(TestHost.end(second).state()).isEqualTo(RunState.SUCCEEDED);
        done.countDown();
        assertThat(TestHost.end(alone).state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(rates).containsExactly(1_000_000L);
    }

    /** Another agent of this host that has a place until its input ends. */
    static final class Working {
        private Working() {}

        /** Arguments: state directory, database URL. */
        public static void main(String[] arguments) throws Exception {
            DatabaseSettings shore = new DatabaseSettings("shore", arguments[1], "postgres", null, 2, null, true);
            RecordedEvents events = new RecordedEvents();
            CountDownLatch began = new CountDownLatch(1);
            try (DatabasePools databases = new DatabasePools(List.of(shore));
                    RunbookRunner runner = new RunbookRunner(
                            "shore-1",
                            Path.of(arguments[0]),
                            databases,
                            events,
                            List.of(events),
                            limits(1, 100),
                            Clock.systemUTC())) {
                RunHandle run = runner.start(TestHost.request(TestRunbook.named("elsewhere")
                        .step(
                                "work",
                                context -> context.heavily(HeavyWork.on(Kind.COPY, "shore"), () -> {
                                    began.countDown();
                                    return new CountDownLatch(1).await(60, TimeUnit.SECONDS);
                                }))));
                assertThat(began.await(30, TimeUnit.SECONDS)).isTrue();
                OtherProcess.readyUntilEndOfInput();
                runner.cancel(run.runId(), "the test is over");
            }
        }
    }
}
