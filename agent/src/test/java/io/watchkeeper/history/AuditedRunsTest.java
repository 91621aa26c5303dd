package io.watchkeeper.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.audit.AuditEvent;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.VerbResult;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AuditedRunsTest {

    private final List<AuditEvent> events = new CopyOnWriteArrayList<>();
    private final AtomicBoolean full = new AtomicBoolean();
    private final AuditedRuns runs = new AuditedRuns(event -> {
        if (full.get()) {
            throw new OperatorException("the disk is full", null);
        }
        events.add(event);
    });

    @AfterEach
    void close() {
        runs.close();
    }

    @Test
    void aRunThatCannotBeRecordedIsRefused() {
        full.set(true);
        assertThatThrownBy(() -> runs.runAccepted(Runs.accepted("sync"))).isInstanceOf(OperatorException.class);
        full.set(false);
        assertThat(events).isEmpty();
    }

    @Test
    void theEndOfARunIsRecordedAsSoonAsThatIsPossible() {
        RunOutcome run = Runs.accepted("sync");
        runs.runAccepted(run);
        full.set(true);
        runs.runFinished(Runs.in(RunState.SUCCEEDED, run));
        assertThat(events).hasSize(1);
        full.set(false);

        await().atMost(Duration.ofSeconds(10)).until(() -> events.size() == 2);
        assertThat(events.get(1).action()).isEqualTo("run.finished");
        assertThat(events.get(1).details()).containsEntry("recordedLate", true);
    }

    @Test
    void nobodyWaitsForAStoreThatHangsWhileItIsTriedAgain() throws Exception {
        AtomicBoolean failing = new AtomicBoolean(true);
        CountDownLatch trying = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        LateRecords late = new LateRecords(event -> {
            if (failing.get()) {
                throw new OperatorException("the disk is full", null);
            }
            trying.countDown();
            uninterruptibly(released);
            events.add(event);
        });
        Thread closing = new Thread(late::close);
        try {
            late.add(AuditEvent.of("agent", "test", "test.done", "first", "ok"));
            failing.set(false);
            assertThat(trying.await(20, TimeUnit.SECONDS)).isTrue();

            CompletableFuture.runAsync(
                            () -> late.add(AuditEvent.of("agent", "test", "test.done", "second", "ok")),
                            task -> new Thread(task).start())
                    .get(5, TimeUnit.SECONDS);

            closing.start();
            await().until(() -> closing.getState() != Thread.State.NEW);
            assertThat(events).isEmpty();
        } finally {
            released.countDown();
            closing.join();
        }
        assertThat(events).extracting(AuditEvent::subject).containsExactly("first", "second");
        assertThat(events).allSatisfy(event -> assertThat(event.details()).containsEntry("recordedLate", true));
    }

    /** As a write to a disk is. */
    private static void uninterruptibly(CountDownLatch latch) {
        boolean interrupted = false;
        while (true) {
            try {
                latch.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void remediesRestoresAndDrillsAreRecordedByThemselves() {
        RunOutcome run = Runs.accepted("night");
        runs.runAccepted(run);
        runs.verbFinished(run.runId(), 0, new VerbResult("query", Map.of("rows", 3)));
        runs.verbFinished(
                run.runId(),
                0,
                new VerbResult(
                        "remediateLag",
                        Map.of(
                                "database",
                                "shore",
                                "timeline",
                                List.of(
                                        Map.of("kind", "cause", "text", "a query", "replica", "ship", "at", "t"),
                                        Map.of("kind", "action", "text", "feedback on", "replica", "ship", "at", "t"),
                                        Map.of(
                                                "kind",
                                                "revert",
                                                "text",
                                                "feedback off",
                                                "replica",
                                                "ship",
                                                "at",
                                                "t")))));
        runs.verbFinished(run.runId(), 0, new VerbResult("restore", Map.of("database", "shore", "backup", "b1")));
        runs.verbFinished(run.runId(), 0, new VerbResult("pitrDrill", Map.of("database", "shore", "passed", false)));
        runs.verbFinished(
                run.runId(), 0, new VerbResult("dropLeakedSlots", Map.of("database", "shore", "dropped", List.of())));
        runs.verbFinished(
                run.runId(),
                0,
                new VerbResult("dropLeakedSlots", Map.of("database", "shore", "dropped", List.of("s1"))));

        assertThat(events)
                .extracting(event -> event.action() + " " + event.subject() + " " + event.result())
                .containsExactly(
                        "run.accepted night ok",
                        "remedy.applied shore ok",
                        "remedy.reverted shore ok",
                        "restore.done shore ok",
                        "drill.done shore failed",
                        "slots.dropped shore ok");
        assertThat(events.get(1).details()).containsEntry("text", "feedback on").containsEntry("runId", run.runId());
    }

    @Test
    void whatPgauditSaysOfRightsAndDefinitionsGoesOnRecord() {
        RunOutcome run = Runs.accepted("watch");
        runs.runAccepted(run);
        List<Map<String, Object>> rows = List.of(
                Map.of("class", "ROLE", "command", "GRANT"),
                Map.of("class", "WRITE", "command", "INSERT"),
                Map.of("class", "DDL", "command", "CREATE TABLE"));
        runs.verbFinished(
                run.runId(),
                0,
                new VerbResult("auditLog", Map.of("database", "shore", "summary", "s", "evidence", rows)));
        runs.verbFinished(
                run.runId(),
                0,
                new VerbResult("auditLog", Map.of("database", "shore", "evidence", List.of(rows.get(1)))));

        assertThat(events).hasSize(2);
        assertThat(events.get(1).action()).isEqualTo("pgaudit.collected");
        assertThat(events.get(1).subject()).isEqualTo("shore");
        assertThat(events.get(1).details()).containsEntry("statements", List.of(rows.get(0), rows.get(2)));
    }

    @Test
    void aDryRunIsRecordedAndWhatItWouldDoIsNot() {
        RunOutcome run = Runs.dry(Runs.accepted("night"));
        runs.runAccepted(run);
        runs.verbFinished(run.runId(), 0, new VerbResult("restore", Map.of("database", "shore")));

        assertThat(events)
                .singleElement()
                .satisfies(event -> assertThat(event.details()).containsEntry("dryRun", true));
    }
}
