package io.watchkeeper.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.engine.LogLine;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.StepOutcome;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunHistoryTest {

    @TempDir
    Path state;

    private final SettableClock clock = new SettableClock(Runs.START);
    private RunHistory history;

    @BeforeEach
    void open() {
        history = RunHistory.open(state, clock);
    }

    @AfterEach
    void close() {
        history.close();
    }

    @Test
    void keepsEveryFieldOfARun() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("table", "public.문서");
        fields.put("rowsRead", 12L);
        fields.put("rowsPerSecond", 1.5);
        fields.put("verified", true);
        fields.put("watermark", null);
        fields.put("stages", Map.of("load", 7L));
        fields.put("differingKeys", List.of("a", "b"));
        RunError stepError = new RunError("no such table", "create it", "/rb/sync.groovy", 17, "42P01");
        StepOutcome good = Runs.step(0, new VerbResult("syncTable", fields), new VerbResult("analyze", Map.of()));
        StepOutcome bad =
                new StepOutcome(1, "second", RunState.FAILED, Duration.ofNanos(123_456_789), 3, List.of(), stepError);
        RunOutcome run = new RunOutcome(
                Runs.id(),
                "ship-sync",
                "ship-7",
                RunState.FAILED,
                Runs.START,
                Duration.ofNanos(987_654_321),
                true,
                RunTrigger.CATCH_UP,
                Map.of("since", "1 day", "q", "\"x\""),
                List.of(good, bad),
                new RunError("step failed", null, null, 0, null));
        history.runAccepted(new RunOutcome(
                run.runId(),
                run.runbook(),
                run.host(),
                RunState.QUEUED,
                run.startedAt(),
                Duration.ZERO,
                true,
                run.trigger(),
                Map.of(),
                List.of(),
                null));

        history.runFinished(run);

        assertThat(history.find(run.runId())).contains(run);
    }

    @Test
    void returnsAnAcceptedRunUnchanged() {
        for (RunTrigger trigger : RunTrigger.values()) {
            RunOutcome run = new RunOutcome(
                    Runs.id(),
                    "a",
                    "h",
                    RunState.QUEUED,
                    Runs.START,
                    Duration.ZERO,
                    true,
                    trigger,
                    Map.of("k", "v"),
                    List.of(),
                    null);
            history.runAccepted(run);
            assertThat(history.find(run.runId())).contains(run);
        }
    }

    @Test
    void followsARunThroughItsLife() {
        RunOutcome run = Runs.accepted("sync");
        history.runAccepted(run);
        assertThat(history.find(run.runId()).orElseThrow().state()).isEqualTo(RunState.QUEUED);

        history.runStarted(Runs.in(RunState.RUNNING, run));
        history.stepStarted(run.runId(), 0, "copy");
        history.verbFinished(run.runId(), 0, new VerbResult("copyTable", Map.of("rowsRead", 5L)));
        RunOutcome running = history.find(run.runId()).orElseThrow();
        assertThat(running.state()).isEqualTo(RunState.RUNNING);
        assertThat(running.steps()).singleElement().satisfies(step -> {
            assertThat(step.state()).isEqualTo(RunState.RUNNING);
            assertThat(step.results()).extracting(VerbResult::verb).containsExactly("copyTable");
        });

        StepOutcome step = Runs.step(0, new VerbResult("copyTable", Map.of("rowsRead", 6L)));
        history.stepFinished(run.runId(), step);
        assertThat(history.find(run.runId()).orElseThrow().steps()).containsExactly(step);

        RunOutcome ended = Runs.ended(run, RunState.SUCCEEDED, List.of(step), null);
        history.runFinished(ended);
        assertThat(history.find(run.runId())).contains(ended);
    }

    @Test
    void forgetsResultsOfAnAttemptThatWasRepeated() {
        RunOutcome run = Runs.accepted("sync");
        history.runAccepted(run);
        history.stepStarted(run.runId(), 0, "copy");
        history.verbFinished(run.runId(), 0, new VerbResult("copyTable", Map.of("attempt", 1L)));
        StepOutcome second = Runs.step(0, new VerbResult("copyTable", Map.of("attempt", 2L)));

        history.stepFinished(run.runId(), second);

        assertThat(history.find(run.runId()).orElseThrow().steps()).containsExactly(second);
    }

    @Test
    void keepsAllRunsOfAnOpenedAgainStore() {
        RunOutcome run = Runs.record(history, "sync", RunState.SUCCEEDED);
        history.setPaused("sync", true);
        history.close();
        history = RunHistory.open(state, clock);
        assertThat(history.find(run.runId())).contains(run);
        assertThat(history.paused()).containsExactly("sync");
    }

    @Test
    void makesTheFileUnreadableForOthers() throws IOException {
        Runs.record(history, "sync", RunState.SUCCEEDED);
        for (String name : List.of("watchkeeper.db", "watchkeeper.db-wal", "watchkeeper.db-shm")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state.resolve(name))))
                    .as(name)
                    .isEqualTo("rw-r-----");
        }
    }

    @Test
    void listsNewestFirstPageByPage() {
        List<String> ids = IntStream.range(0, 25)
                .mapToObj(i -> Runs.record(history, "sync", RunState.SUCCEEDED).runId())
                .toList();
        List<String> listed = new ArrayList<>();
        String before = null;
        while (true) {
            List<RunOutcome> page = history.list(new RunHistory.Query(null, null, 10, before));
            if (page.isEmpty()) {
                break;
            }
            assertThat(page).hasSizeLessThanOrEqualTo(10);
            page.forEach(run -> listed.add(run.runId()));
            before = listed.get(listed.size() - 1);
        }
        List<String> newestFirst = new ArrayList<>(ids);
        java.util.Collections.reverse(newestFirst);
        assertThat(listed).isEqualTo(newestFirst);
    }

    @Test
    void listsByRunbookAndState() {
        Runs.record(history, "a", RunState.SUCCEEDED);
        RunOutcome wanted = Runs.record(history, "a", RunState.FAILED);
        Runs.record(history, "b", RunState.FAILED);
        assertThat(history.list(new RunHistory.Query("a", RunState.FAILED, 10, null)))
                .containsExactly(wanted);
        assertThat(history.list(new RunHistory.Query("b", null, 10, null))).hasSize(1);
        assertThat(history.list(new RunHistory.Query(null, RunState.TIMED_OUT, 10, null)))
                .isEmpty();
    }

    @Test
    void findsByPrefixInEitherCase() {
        RunOutcome run = Runs.accepted("ABCDE000000000000000000001", "sync");
        history.runAccepted(run);
        history.runAccepted(Runs.accepted("ABCXE000000000000000000001", "sync"));
        assertThat(history.find("ABCD")).contains(run);
        assertThat(history.find("abcde0")).contains(run);
        assertThat(history.find("ABCZ")).isEmpty();
    }

    @Test
    void namesCandidatesOfAnAmbiguousPrefix() {
        history.runAccepted(Runs.accepted("ABCDE000000000000000000001", "sync"));
        history.runAccepted(Runs.accepted("ABCDE000000000000000000002", "vacuum"));
        assertThatThrownBy(() -> history.find("ABCDE"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("more than one run id begins with 'ABCDE'")
                .extracting(e -> ((OperatorException) e).hint())
                .asString()
                .contains("ABCDE000000000000000000001 (sync)", "ABCDE000000000000000000002 (vacuum)");
    }

    @Test
    void refusesAPrefixThatIsTooShort() {
        assertThatThrownBy(() -> history.find("ABC"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("'ABC' is too short");
    }

    @Test
    void lastEndIgnoresSkippedDryAndUnendedRuns() {
        assertThat(history.lastEnd("sync")).isEmpty();
        Runs.record(history, "sync", RunState.FAILED);
        Runs.record(history, "sync", RunState.SKIPPED);
        RunOutcome dry = Runs.dry(Runs.accepted("sync"));
        history.runAccepted(dry);
        history.runFinished(Runs.in(RunState.SUCCEEDED, dry));
        history.runAccepted(Runs.accepted("sync"));
        Runs.record(history, "other", RunState.CANCELLED);
        assertThat(history.lastEnd("sync")).contains(RunState.FAILED);
        Runs.record(history, "sync", RunState.SUCCEEDED);
        assertThat(history.lastEnd("sync")).contains(RunState.SUCCEEDED);
    }

    @Test
    void aCancelledRunIsAnEndAndNoVerdict() {
        Runs.record(history, "sync", RunState.FAILED);
        Runs.record(history, "sync", RunState.CANCELLED);
        Runs.record(history, "sync", RunState.SKIPPED);
        assertThat(history.lastEnd("sync")).contains(RunState.CANCELLED);
        assertThat(history.lastVerdict("sync")).contains(RunState.FAILED);
    }

    @Test
    void lastRunsHoldTheNewestRealRunOfEachRunbook() {
        Runs.record(history, "a", RunState.FAILED);
        RunOutcome a = Runs.record(history, "a", RunState.SKIPPED);
        RunOutcome b = Runs.record(history, "b", RunState.SUCCEEDED);
        RunOutcome dry = Runs.dry(Runs.accepted("b"));
        history.runAccepted(dry);
        history.runFinished(Runs.in(RunState.FAILED, dry));
        history.runAccepted(Runs.dry(Runs.accepted("only-dry")));
        assertThat(history.lastRuns()).isEqualTo(Map.of("a", a, "b", b));
    }

    @Test
    void verdictsLookPastWhatWasSkippedCancelledDryOrGoesOn() {
        Runs.record(history, "a", RunState.FAILED);
        RunOutcome succeeded = Runs.record(history, "a", RunState.SUCCEEDED);
        Runs.record(history, "a", RunState.SKIPPED);
        RunOutcome timedOut = Runs.record(history, "a", RunState.TIMED_OUT);
        for (int i = 0; i < 3; i++) {
            Runs.record(history, "a", RunState.SKIPPED);
            Runs.record(history, "a", RunState.CANCELLED);
        }
        RunOutcome dry = Runs.dry(Runs.accepted("a"));
        history.runAccepted(dry);
        history.runFinished(Runs.in(RunState.SUCCEEDED, dry));
        Runs.record(history, "b", RunState.FAILED);
        assertThat(history.verdicts("a", 2)).containsExactly(timedOut, succeeded);
        history.runAccepted(Runs.accepted("a"));
        assertThat(history.verdicts("a", 3)).containsExactly(timedOut, succeeded);
        assertThat(history.verdicts("c", 2)).isEmpty();
    }

    @Test
    void logLinesComeBackInOrderWithAllTheyHold() {
        RunOutcome run = Runs.accepted("sync");
        history.runAccepted(run);
        List<LogLine> lines = List.of(
                new LogLine(Runs.START, LogLine.Level.INFO, "복사 시작"),
                new LogLine(Runs.START.plusNanos(1), LogLine.Level.WARN, "slow"),
                new LogLine(Runs.START, LogLine.Level.ERROR, "a line\nand another"));
        lines.forEach(line -> history.logged(run.runId(), line));
        assertThat(history.log(run.runId())).isEqualTo(lines);
    }

    @Test
    void logLinesAreSoonOnDiskWithoutAnyFurtherEvent() {
        RunOutcome run = Runs.accepted("sync");
        history.runAccepted(run);
        try (RunHistory other = RunHistory.openForReading(state, clock)) {
            history.logged(run.runId(), Runs.line("one"));
            await().atMost(Duration.ofSeconds(5))
                    .until(() -> other.log(run.runId()).size() == 1);
            history.logged(run.runId(), Runs.line("two"));
            await().atMost(Duration.ofSeconds(5))
                    .until(() -> other.log(run.runId()).size() == 2);
        }
    }

    @Test
    void aLogThatIsTooLongEndsWithALineThatSaysSo() {
        RunOutcome run = Runs.accepted("sync");
        history.runAccepted(run);
        for (int i = 0; i < RunLog.LONGEST + 50; i++) {
            history.logged(run.runId(), Runs.line("line " + i));
        }
        List<LogLine> log = history.log(run.runId());
        assertThat(log).hasSize(RunLog.LONGEST + 1);
        assertThat(log.get(RunLog.LONGEST - 1).message()).isEqualTo("line 9999");
        assertThat(log.get(RunLog.LONGEST).message()).contains("more lines were dropped");
    }

    @Test
    void linesOfAnUnknownRunDisturbNobody() {
        RunOutcome run = Runs.accepted("sync");
        history.runAccepted(run);
        history.logged(Runs.id(), Runs.line("whose?"));
        history.logged(run.runId(), Runs.line("mine"));
        assertThat(history.log(run.runId())).hasSize(1);
    }

    @Test
    void noSecretReachesTheFile() throws IOException {
        Secret.of("s3cret-\"quoted\"");
        Secret.of("hunter2222");
        String leak = "password s3cret-\"quoted\" and hunter2222.";
        RunError error = new RunError(leak, leak, leak, 1, null);
        RunOutcome run = new RunOutcome(
                Runs.id(),
                "sync",
                "h",
                RunState.QUEUED,
                Runs.START,
                Duration.ZERO,
                false,
                RunTrigger.CLI,
                Map.of("p", leak),
                List.of(),
                null);
        VerbResult result = new VerbResult("query", Map.of("rows", List.of(Map.of("hunter2222", leak)), "text", leak));
        StepOutcome step =
                new StepOutcome(0, "step " + leak, RunState.FAILED, Duration.ZERO, 1, List.of(result), error);
        history.runAccepted(run);
        history.stepStarted(run.runId(), 0, "step " + leak);
        history.logged(run.runId(), Runs.line(leak));
        history.verbFinished(run.runId(), 0, result);
        history.stepFinished(run.runId(), step);
        history.runFinished(new RunOutcome(
                run.runId(),
                "sync",
                "h",
                RunState.FAILED,
                Runs.START,
                Duration.ZERO,
                false,
                RunTrigger.CLI,
                run.params(),
                List.of(step),
                error));

        assertThat(Runs.error(history.find(run.runId()).orElseThrow()).message())
                .isEqualTo("password [redacted] and [redacted].");
        try (Stream<Path> files = Files.list(state)) {
            for (Path file : files.toList()) {
                String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
                assertThat(bytes).as(file.toString()).doesNotContain("hunter2222", "s3cret-");
            }
        }
    }

    @Test
    void shortensAResultThatIsTooLongAndSaysSo() {
        RunOutcome run = Runs.accepted("sync");
        history.runAccepted(run);
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("rowCount", 20_000L);
        fields.put(
                "rows",
                IntStream.range(0, 20_000).mapToObj(i -> "row number " + i).toList());
        fields.put("truncated", true);
        history.stepFinished(run.runId(), Runs.step(0, new VerbResult("query", fields)));

        Map<String, Object> stored = history.find(run.runId())
                .orElseThrow()
                .steps()
                .get(0)
                .results()
                .get(0)
                .fields();

        assertThat(stored).containsEntry("rowCount", 20_000L).containsEntry("truncated", true);
        assertThat((List<?>) stored.get("rows"))
                .hasSizeBetween(5_000, 19_000)
                .first()
                .isEqualTo("row number 0");
        assertThat((String) stored.get(StoredText.NOTE)).contains("cut or left out: rows");
    }

    @Test
    void fourThreadsRecordAtOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<List<RunOutcome>>> tasks = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                String runbook = "rb-" + t;
                tasks.add(() -> IntStream.range(0, 40)
                        .mapToObj(i -> {
                            RunOutcome run = Runs.accepted(runbook);
                            history.runAccepted(run);
                            history.runStarted(Runs.in(RunState.RUNNING, run));
                            history.stepStarted(run.runId(), 0, "step 0");
                            IntStream.range(0, 10).forEach(n -> history.logged(run.runId(), Runs.line("line " + n)));
                            history.verbFinished(run.runId(), 0, new VerbResult("log", Map.of()));
                            StepOutcome step = Runs.step(0, new VerbResult("log", Map.of()));
                            history.stepFinished(run.runId(), step);
                            history.list(new RunHistory.Query(runbook, null, 5, null));
                            RunOutcome ended = Runs.ended(run, RunState.SUCCEEDED, List.of(step), null);
                            history.runFinished(ended);
                            return ended;
                        })
                        .toList());
            }
            for (Future<List<RunOutcome>> done : threads.invokeAll(tasks)) {
                for (RunOutcome run : done.get()) {
                    assertThat(history.find(run.runId())).contains(run);
                    assertThat(history.log(run.runId()))
                            .extracting(LogLine::message)
                            .isEqualTo(IntStream.range(0, 10)
                                    .mapToObj(n -> "line " + n)
                                    .toList());
                }
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void readsWhileAnotherProcessHoldsAWriteTransaction() throws Exception {
        RunOutcome run = Runs.record(history, "sync", RunState.SUCCEEDED);
        try (var other = java.sql.DriverManager.getConnection("jdbc:sqlite:" + state.resolve("watchkeeper.db"));
                var statement = other.createStatement()) {
            statement.execute("begin immediate");
            statement.execute("delete from run");
            long started = System.nanoTime();
            assertThat(history.find(run.runId())).contains(run);
            assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(5));
            statement.execute("rollback");
        }
    }

    @Test
    void expireForgetsOldRunsWithAllThatBelongsToThem() throws Exception {
        RunOutcome old = Runs.accepted("sync");
        history.runAccepted(old);
        history.logged(old.runId(), Runs.line("x"));
        history.runFinished(Runs.ended(
                old, RunState.SUCCEEDED, List.of(Runs.step(0, new VerbResult("v", Map.of()))), null));
        clock.forward(Duration.ofDays(10));
        RunOutcome fresh = Runs.record(history, "sync", RunState.SUCCEEDED);

        assertThat(history.expire(Duration.ofDays(7))).isEqualTo(1);

        assertThat(history.list(new RunHistory.Query(null, null, 10, null))).containsExactly(fresh);
        try (var other = java.sql.DriverManager.getConnection("jdbc:sqlite:" + state.resolve("watchkeeper.db"));
                var statement = other.createStatement();
                var row = statement.executeQuery(
                        "select (select count(*) from step) + (select count(*) from verb_result) + (select count(*) from log_line)")) {
            assertThat(row.getInt(1)).isZero();
        }
    }

    @Test
    void expireKeepsWhatLaterDecisionsNeed() {
        RunOutcome success = Runs.record(history, "sync", RunState.SUCCEEDED);
        Runs.record(history, "sync", RunState.FAILED);
        RunOutcome failure = Runs.record(history, "sync", RunState.FAILED);
        Runs.record(history, "sync", RunState.SKIPPED);
        RunOutcome newest = Runs.record(history, "sync", RunState.SKIPPED);
        RunOutcome unended = Runs.accepted("sync");
        history.runAccepted(Runs.dry(unended));
        clock.forward(Duration.ofDays(100));

        assertThat(history.expire(Duration.ofDays(7))).isEqualTo(2);

        assertThat(history.list(new RunHistory.Query(null, null, 10, null)))
                .extracting(RunOutcome::runId)
                .containsExactly(unended.runId(), newest.runId(), failure.runId(), success.runId());
        assertThat(history.lastEnd("sync")).contains(RunState.FAILED);
    }

    @Test
    void expireForgetsManyInSmallTransactions() {
        for (int i = 0; i < 450; i++) {
            Runs.record(history, "sync", RunState.SUCCEEDED);
        }
        clock.forward(Duration.ofDays(2));
        assertThat(history.expire(Duration.ofDays(1))).isEqualTo(449);
        assertThat(history.expire(Duration.ofDays(1))).isZero();
    }

    @Test
    void remembersPausesAndFireTimes() {
        Instant fired = Instant.parse("2026-10-25T01:30:00Z");
        history.setLastFireTime("sync", fired);
        history.setPaused("sync", true);
        history.setPaused("vacuum", true);
        history.setPaused("vacuum", false);
        assertThat(history.paused()).containsExactly("sync");
        assertThat(history.lastFireTime("sync")).contains(fired);
        assertThat(history.lastFireTime("vacuum")).isEmpty();
        history.setLastFireTime("sync", fired.plusSeconds(1));
        assertThat(history.lastFireTime("sync")).contains(fired.plusSeconds(1));
        assertThat(history.paused()).containsExactly("sync");
    }

    @Test
    void openedForReadingItShowsAndRefusesToWrite() {
        RunOutcome run = Runs.record(history, "sync", RunState.SUCCEEDED);
        try (RunHistory reader = RunHistory.openForReading(state, clock)) {
            assertThat(reader.find(run.runId())).contains(run);
            assertThatThrownBy(() -> reader.runAccepted(Runs.accepted("x")))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("for reading only");
            RunOutcome later = Runs.record(history, "sync", RunState.FAILED);
            assertThat(reader.find(later.runId())).contains(later);
        }
    }

    @Test
    void aFileThatIsNoDatabaseIsRefusedAndLeftAlone() throws IOException {
        history.close();
        Path file = state.resolve("watchkeeper.db");
        byte[] garbage = new byte[8192];
        Arrays.fill(garbage, (byte) 'x');
        Files.write(file, garbage);
        assertThatThrownBy(() -> RunHistory.open(state, clock))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining(file + " is damaged")
                .extracting(e -> ((OperatorException) e).hint())
                .asString()
                .contains("move the file aside");
        assertThat(Files.readAllBytes(file)).isEqualTo(garbage);
    }

    @Test
    void damageInsideTheFileIsFound() throws IOException {
        for (int i = 0; i < 200; i++) {
            Runs.record(history, "sync", RunState.SUCCEEDED);
        }
        assertThat(history.damage()).isEmpty();
        history.close();
        Path file = state.resolve("watchkeeper.db");
        byte[] bytes = Files.readAllBytes(file);
        for (int page = 8192; page < bytes.length; page += 4096) {
            String text = new String(bytes, page, 4096, StandardCharsets.ISO_8859_1);
            // What says which tables there are, and the version on the second page, is read at once by whoever opens
            // the file.
            if (!text.contains("CREATE ")) {
                Arrays.fill(bytes, page, page + 4096, (byte) 0x5a);
            }
        }
        Files.write(file, bytes);
        history = RunHistory.open(state, clock);
        assertThat(history.damage()).isPresent();
        assertThatThrownBy(() -> history.list(new RunHistory.Query(null, null, 1000, null)))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("is damaged");
    }

    @Test
    void aStateDirectoryThatCannotBeMadeIsRefusedWithAHint() throws IOException {
        Path blocked = Files.writeString(state.resolve("file"), "").resolve("state");
        assertThatThrownBy(() -> RunHistory.open(blocked, clock))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("cannot create")
                .extracting(e -> ((OperatorException) e).hint())
                .asString()
                .contains("ls -ld");
    }

    @Test
    void aMissingFileIsNotMadeByReaders() {
        Path empty = state.resolve("empty");
        assertThatThrownBy(() -> RunHistory.openForReading(empty, clock))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("there is no history yet");
        assertThat(empty).doesNotExist();
    }
}
