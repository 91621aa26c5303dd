package io.watchkeeper.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.units.Secret;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class AlertDispatcherTest {

    private static final Instant START = Instant.parse("2026-03-01T02:00:00Z");
    private static final Duration REPEAT = Duration.ofHours(4);
    private static final Alert PAGE = alert("ship-sync", "page", "cannot reach shore");

    private final TestClock clock = new TestClock();
    private final MemoryLedger ledger = new MemoryLedger();
    private final Recorder first = new Recorder("first");
    private final Recorder second = new Recorder("second");
    private final AlertDispatcher alerts = new AlertDispatcher(List.of(first, second), ledger, REPEAT, clock);

    @Test
    void newAlertReachesEveryReceiver() {
        Delivery delivery = alerts.deliver(PAGE);

        assertThat(delivery).isEqualTo(new Delivery(true, List.of("first", "second"), Map.of()));
        assertThat(first.told).containsExactly(new AlertNotice(PAGE, START, null, START.plus(REPEAT.multipliedBy(2))));
        assertThat(second.told).hasSize(1);
    }

    @Test
    void firingAlertIsNotSentAgainBeforeItsTime() {
        alerts.fire(PAGE);
        clock.pass(REPEAT.minusMillis(1));

        assertThat(alerts.fire(PAGE)).isFalse();
        assertThat(first.told).hasSize(1);
    }

    @Test
    void firingAlertIsSentAgainWhenItsTimeHasCome() {
        alerts.fire(PAGE);
        clock.pass(REPEAT);

        assertThat(alerts.fire(PAGE)).isTrue();
        assertThat(first.told).hasSize(2);
        assertThat(first.told.get(1).since()).isEqualTo(START);
    }

    @Test
    void timeToRepeatCountsFromTheLastSending() {
        alerts.fire(PAGE);
        clock.pass(REPEAT);
        alerts.fire(PAGE);
        clock.pass(REPEAT.minusMillis(1));

        assertThat(alerts.fire(PAGE)).isFalse();
    }

    @Test
    void alertsWithOtherLabelsAreOtherAlerts() {
        alerts.fire(PAGE);

        assertThat(alerts.fire(alert("ship-sync", "warning", "slow"))).isTrue();
        assertThat(alerts.fire(alert("backup", "page", "cannot reach shore"))).isTrue();
        assertThat(alerts.fire(alert("ship-sync", "page", "another text"))).isFalse();
    }

    @Test
    void repetitionCarriesTheNewestText() {
        alerts.fire(PAGE);
        alerts.fire(alert("ship-sync", "page", "disk full"));
        clock.pass(REPEAT);
        alerts.repeat();

        assertThat(first.told).extracting(n -> n.alert().text()).containsExactly("cannot reach shore", "disk full");
    }

    @Test
    void receiverThatFailsDoesNotKeepTheOthersFromHearing() {
        first.failure = "no route";

        Delivery delivery = alerts.deliver(PAGE);

        assertThat(delivery).isEqualTo(new Delivery(true, List.of("second"), Map.of("first", "no route")));
    }

    @Test
    void onlyTheReceiverThatFailedIsTriedAgain() {
        first.failure = "no route";
        alerts.fire(PAGE);
        first.failure = null;

        assertThat(alerts.deliver(PAGE)).isEqualTo(new Delivery(true, List.of("first"), Map.of()));
        assertThat(alerts.fire(PAGE)).isFalse();
        assertThat(second.told).hasSize(1);
    }

    @Test
    void receiverThatFailedIsTriedAgainFromTimeToTime() {
        first.failure = "no route";
        alerts.fire(PAGE);
        first.failure = null;
        alerts.repeat();
        alerts.repeat();

        assertThat(first.told).hasSize(1);
        assertThat(second.told).hasSize(1);
    }

    @Test
    void receiverThatThrowsAnythingIsAFailureNotACrash() {
        AlertReceiver broken = new AlertReceiver() {
            @Override
            public String name() {
                return "broken";
            }

            @Override
            public void tell(AlertNotice notice) {
                throw new IllegalStateException("bug");
            }
        };

        Delivery delivery = new AlertDispatcher(List.of(broken, second), ledger, REPEAT, clock).deliver(PAGE);

        assertThat(delivery.failed()).containsEntry("broken", "bug");
        assertThat(delivery.reached()).containsExactly("second");
    }

    @Test
    void resolvingTellsEveryReceiverOnce() {
        alerts.fire(PAGE);
        clock.pass(Duration.ofMinutes(10));

        assertThat(alerts.resolve("ship-sync")).isEqualTo(1);
        assertThat(alerts.resolve("ship-sync")).isZero();
        assertThat(first.told).hasSize(2);
        assertThat(first.told.get(1).resolvedAt()).isEqualTo(START.plus(Duration.ofMinutes(10)));
        assertThat(ledger.all()).isEmpty();
    }

    @Test
    void resolvingLeavesOtherRunbooksAlone() {
        alerts.fire(PAGE);
        alerts.fire(alert("backup", "page", "no space"));

        assertThat(alerts.resolve("backup")).isEqualTo(1);
        assertThat(ledger.all()).extracting(a -> a.alert().runbook()).containsExactly("ship-sync");
    }

    @Test
    void alertAfterItsEndIsANewOne() {
        alerts.fire(PAGE);
        alerts.resolve("ship-sync");
        clock.pass(Duration.ofMinutes(1));

        assertThat(alerts.fire(PAGE)).isTrue();
        assertThat(first.told.get(2).since()).isEqualTo(START.plus(Duration.ofMinutes(1)));
    }

    @Test
    void endThatCouldNotBeToldIsToldLater() {
        alerts.fire(PAGE);
        second.failure = "no route";
        alerts.resolve("ship-sync");
        second.failure = null;
        clock.pass(Duration.ofMinutes(5));
        alerts.repeat();
        alerts.repeat();

        assertThat(first.told).hasSize(2);
        assertThat(second.told).hasSize(2);
        assertThat(second.told.get(1).resolvedAt()).isEqualTo(START);
        assertThat(ledger.all()).isEmpty();
    }

    @Test
    void endThatAnotherProcessToldMeanwhileStays() {
        first.failure = "no link";
        alerts.fire(PAGE);
        AlertDispatcher other = new AlertDispatcher(List.of(second), ledger, REPEAT, clock);
        first.meanwhile = () -> other.resolve("ship-sync");
        clock.pass(Duration.ofMinutes(5));

        alerts.repeat();

        assertThat(ledger.all()).isEmpty();
    }

    @Test
    void alertThatAnotherProcessRaisedWhileItsEndWasToldStays() {
        alerts.fire(PAGE);
        AlertDispatcher other = new AlertDispatcher(List.of(second), ledger, REPEAT, clock);
        first.meanwhile = () -> other.fire(PAGE);

        alerts.resolve("ship-sync");

        assertThat(ledger.all()).singleElement().matches(OpenAlert::firing);
    }

    @Test
    void endIsGivenUpAfterADay() {
        alerts.fire(PAGE);
        second.failure = "no such host";
        alerts.resolve("ship-sync");
        clock.pass(Duration.ofHours(25));
        alerts.repeat();

        assertThat(ledger.all()).isEmpty();
    }

    @Test
    void receiverThatIsNoLongerConfiguredIsNotWaitedFor() {
        second.failure = "no route";
        alerts.fire(PAGE);
        AlertDispatcher afterRestart = new AlertDispatcher(List.of(first), ledger, REPEAT, clock);

        assertThat(afterRestart.fire(PAGE)).isFalse();
        assertThat(afterRestart.resolve("ship-sync")).isEqualTo(1);
        assertThat(ledger.all()).isEmpty();
    }

    @Test
    void alertIsRememberedOverARestart() {
        alerts.fire(PAGE);

        assertThat(new AlertDispatcher(List.of(first), ledger, REPEAT, clock).fire(PAGE))
                .isFalse();
    }

    /** The process dies between writing the ledger and the first sending. */
    @Test
    void alertThatWasOnlyWrittenDownIsSentAfterARestart() {
        ledger.save(new OpenAlert(PAGE, START, START, START, java.util.Set.of("first", "second"), null));

        alerts.repeat();

        assertThat(first.told).hasSize(1);
        assertThat(second.told).hasSize(1);
    }

    @Test
    void brokenLedgerDoesNotKeepAnAlertBack() {
        AlertLedger fullDisk = new AlertLedger() {
            @Override
            public Optional<OpenAlert> find(String key) {
                throw new IllegalStateException("disk full");
            }

            @Override
            public List<OpenAlert> all() {
                throw new IllegalStateException("disk full");
            }

            @Override
            public void save(OpenAlert alert) {
                throw new IllegalStateException("disk full");
            }

            @Override
            public void saveUnreached(OpenAlert told, java.util.Set<String> unreached) {
                throw new IllegalStateException("disk full");
            }

            @Override
            public void remove(OpenAlert told) {
                throw new IllegalStateException("disk full");
            }
        };
        AlertDispatcher dispatcher = new AlertDispatcher(List.of(first), fullDisk, REPEAT, clock);

        assertThat(dispatcher.fire(PAGE)).isTrue();
        assertThat(dispatcher.resolve("ship-sync")).isZero();
        assertThat(first.told).hasSize(1);
    }

    @Test
    void secretsNeverLeave() {
        Secret.of("correct-horse-battery");
        alerts.fire(new Alert(
                "page",
                "login with correct-horse-battery refused",
                Map.of("host", "ship-7", "runbook", "x", "severity", "page", "detail", "correct-horse-battery")));

        assertThat(first.told.toString())
                .contains("login with [redacted] refused")
                .doesNotContain("correct-horse");
        assertThat(ledger.all().toString()).doesNotContain("correct-horse");
    }

    @Test
    void endlessTextIsCut() {
        alerts.fire(alert("ship-sync", "page", "x".repeat(100_000)));

        assertThat(first.told.get(0).alert().text()).hasSizeLessThan(4_100).endsWith("…");
    }

    @Test
    void oneAlertRaisedByManyThreadsIsSentOnce() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Thread thread = new Thread(() -> {
                try {
                    go.await();
                    alerts.fire(PAGE);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            thread.start();
            threads.add(thread);
        }
        go.countDown();
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(first.told).hasSize(1);
    }

    // --- resolving on recovery

    @Test
    void successfulRunResolvesWhatEarlierRunsRaised() {
        alerts.fire(PAGE);

        new AlertResolver(alerts).runFinished(run(RunState.SUCCEEDED, START.plusSeconds(60), false));

        assertThat(ledger.all()).isEmpty();
        assertThat(first.told).hasSize(2);
    }

    @Test
    void successfulRunDoesNotTakeBackItsOwnAlert() {
        Instant runStart = START;
        clock.pass(Duration.ofSeconds(5));
        alerts.fire(alert("ship-sync", "warning", "bloat 31 %"));

        new AlertResolver(alerts).runFinished(run(RunState.SUCCEEDED, runStart, false));

        assertThat(ledger.all()).hasSize(1);
    }

    @Test
    void alertRaisedAgainByTheRunStaysOpen() {
        alerts.fire(PAGE);
        clock.pass(Duration.ofMinutes(2));
        alerts.fire(PAGE);

        new AlertResolver(alerts).runFinished(run(RunState.SUCCEEDED, START.plusSeconds(60), false));

        assertThat(ledger.all()).hasSize(1);
    }

    @Test
    void dryAndFailedAndSkippedRunsResolveNothing() {
        alerts.fire(PAGE);
        AlertResolver resolver = new AlertResolver(alerts);

        resolver.runFinished(run(RunState.SUCCEEDED, START.plusSeconds(60), true));
        resolver.runFinished(run(RunState.FAILED, START.plusSeconds(60), false));
        resolver.runFinished(run(RunState.SKIPPED, START.plusSeconds(60), false));

        assertThat(ledger.all()).hasSize(1);
    }

    @Test
    void repeaterTellsWhatAnEarlierProcessLeftUndone() {
        ledger.save(new OpenAlert(PAGE, START, START, START, java.util.Set.of("first"), null));

        try (AlertRepeater repeater = new AlertRepeater(alerts, Duration.ofHours(1))) {
            Awaitility.await().atMost(10, TimeUnit.SECONDS).until(() -> first.told.size() == 1);
            assertThat(repeater).isNotNull();
        }
    }

    private static RunOutcome run(RunState state, Instant startedAt, boolean dryRun) {
        return new RunOutcome(
                "01JD8",
                "ship-sync",
                "ship-7",
                state,
                startedAt,
                Duration.ofSeconds(10),
                dryRun,
                RunTrigger.SCHEDULE,
                Map.of(),
                List.of(),
                null);
    }

    static Alert alert(String runbook, String severity, String text) {
        return new Alert(severity, text, Map.of("host", "ship-7", "runbook", runbook, "severity", severity));
    }

    private static final class Recorder implements AlertReceiver {
        private final String name;
        private final List<AlertNotice> told = new java.util.concurrent.CopyOnWriteArrayList<>();
        private volatile @org.jspecify.annotations.Nullable String failure;
        private volatile Runnable meanwhile = () -> {};

        Recorder(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public void tell(AlertNotice notice) throws DeliveryException {
            meanwhile.run();
            if (failure != null) {
                throw new DeliveryException(failure);
            }
            told.add(notice);
        }
    }

    private static final class TestClock extends Clock {
        private Instant now = START;

        void pass(Duration time) {
            now = now.plus(time);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
