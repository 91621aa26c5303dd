package io.watchkeeper.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.audit.Anchor;
import io.watchkeeper.audit.AuditDamage;
import io.watchkeeper.audit.AuditEntry;
import io.watchkeeper.audit.AuditEvent;
import io.watchkeeper.audit.AuditQuery;
import io.watchkeeper.audit.AuditVerdict;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Secret;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditTrailTest {

    @TempDir
    Path state;

    private final SettableClock clock = new SettableClock(Runs.START);
    private RunHistory history;
    private AuditTrail trail;

    @BeforeEach
    void open() {
        history = RunHistory.open(state, clock);
        trail = history.audit("shore-1");
    }

    @AfterEach
    void close() {
        history.close();
    }

    @Test
    void anEmptyTrailIsIntact() {
        AuditVerdict verdict = trail.verify(List.of());

        assertThat(verdict.isIntact()).isTrue();
        assertThat(verdict.head()).isNull();
        assertThat(trail.state().position()).isZero();
    }

    @Test
    void whatIsRecordedIsFoundAndVerified() {
        trail.record(new AuditEvent(
                "token:ops",
                "10.0.0.7",
                "tenant.created",
                "t1",
                "ok",
                Map.of("plan", "small", "n", 3, "list", List.of(1, "b"))));
        clock.forward(Duration.ofMinutes(1));
        trail.record(AuditEvent.of("agent", "schedule", "run.accepted", "nightly", "ok"));

        List<AuditEntry> found = trail.find(AuditQuery.newest(10));

        assertThat(found).extracting(AuditEntry::position).containsExactly(2L, 1L);
        AuditEntry first = found.get(1);
        assertThat(first.at()).isEqualTo(Runs.START);
        assertThat(first.host()).isEqualTo("shore-1");
        assertThat(first.actor()).isEqualTo("token:ops");
        assertThat(first.from()).isEqualTo("10.0.0.7");
        assertThat(first.details()).isEqualTo(Map.of("plan", "small", "n", 3, "list", List.of(1, "b")));
        assertThat(first.previous()).isEqualTo("0".repeat(64));
        assertThat(found.get(0).previous()).isEqualTo(first.hash());
        assertThat(trail.verify(List.of()).isIntact()).isTrue();
        assertThat(trail.verify(List.of()).entries()).isEqualTo(2);
    }

    @Test
    void theHashCanBeCheckedWithTheToolsOfAnyHost() throws Exception {
        trail.record(
                new AuditEvent("user:한", "terminal", "test.done", "a\"b\\c\n", "ok", Map.of("x", 1.50, "a", true)));

        String entry = text("select entry from audit");
        assertThat(entry)
                .isEqualTo("{\"action\":\"test.done\",\"actor\":\"user:한\",\"at\":\"2026-03-01T10:00:00.123456789Z\","
                        + "\"details\":{\"a\":true,\"x\":1.5},\"from\":\"terminal\",\"host\":\"shore-1\",\"position\":1,"
                        + "\"result\":\"ok\",\"subject\":\"a\\\"b\\\\c\\n\"}");
        Process sum = new ProcessBuilder("sha256sum").start();
        try (var input = sum.getOutputStream()) {
            input.write((text("select previous from audit") + "\n" + entry).getBytes(StandardCharsets.UTF_8));
        }
        try (BufferedReader output = sum.inputReader()) {
            assertThat(output.readLine()).startsWith(text("select hash from audit"));
        }
    }

    @Test
    void entriesAreFoundByActorActionSubjectAndTime() {
        trail.record(AuditEvent.of("token:ops", "10.0.0.7", "run.accepted", "nightly", "ok"));
        clock.forward(Duration.ofHours(1));
        trail.record(AuditEvent.of("token:dev", "10.0.0.8", "run.accepted", "nightly", "ok"));
        clock.forward(Duration.ofHours(1));
        trail.record(AuditEvent.of("agent", "filesystem", "runbook.changed", "nightly", "ok"));

        assertThat(positions(new AuditQuery("token:*", null, null, null, null, 0, 9)))
                .containsExactly(2L, 1L);
        assertThat(positions(new AuditQuery("token:dev", null, null, null, null, 0, 9)))
                .containsExactly(2L);
        assertThat(positions(new AuditQuery(null, "runbook.*", "nightly", null, null, 0, 9)))
                .containsExactly(3L);
        assertThat(positions(new AuditQuery(null, "run?accepted*", null, null, null, 0, 9)))
                .isEmpty();
        assertThat(positions(new AuditQuery(null, null, null, Runs.START.plusSeconds(1), null, 0, 9)))
                .containsExactly(3L, 2L);
        assertThat(positions(new AuditQuery(null, null, null, null, Runs.START.plusSeconds(3600), 0, 9)))
                .containsExactly(1L);
        assertThat(positions(new AuditQuery(null, null, null, null, null, 3, 1)))
                .containsExactly(2L);
        assertThat(positions(new AuditQuery("x' or '1'='1", null, null, null, null, 0, 9)))
                .isEmpty();
        assertThat(trail.newest("nightly", List.of("runbook.added", "runbook.changed")))
                .get()
                .extracting(AuditEntry::position)
                .isEqualTo(3L);
        assertThat(trail.subjects("run.")).containsExactly("nightly");
    }

    private List<Long> positions(AuditQuery query) {
        return trail.find(query).stream().map(AuditEntry::position).toList();
    }

    @Test
    void noSecretGetsIntoTheFile() throws Exception {
        String secret = "hunter2-\"quoted\"-Pa55";
        Secret.of(secret);
        trail.record(new AuditEvent(
                "token:ops",
                "10.0.0.7",
                "test.done",
                "with " + secret,
                "ok",
                Map.of("list", List.of(Map.of("k", secret)))));

        assertThat(text("select entry || subject from audit"))
                .doesNotContain("Pa55")
                .contains("[redacted]");
        assertThat(trail.verify(List.of()).isIntact()).isTrue();
    }

    @Test
    void aShortPasswordBreaksNeitherEntriesNorCheckpoints() throws Exception {
        // In a process of its own: each value that is known as a secret stays so, also for the tests that come after.
        String year = String.valueOf(
                Clock.systemUTC().instant().atZone(ZoneOffset.UTC).getYear());
        List<String> digits = IntStream.range(0, 256)
                .mapToObj(byteValue -> String.format("%02x%02x", byteValue, byteValue))
                .toList();
        List<String> secrets = new ArrayList<>(List.of(
                "audit",
                "actor",
                "position",
                "lastHash",
                "lastPosition",
                "test.done",
                "user:test",
                "host",
                year,
                "1234"));
        secrets.addAll(digits);
        Process writer = AuditWriter.start(state, "short", 60, secrets.toArray(new String[0]));
        try (BufferedReader output = writer.inputReader()) {
            assertThat(output.lines().count()).isEqualTo(60);
            assertThat(writer.waitFor()).isZero();
        } finally {
            writer.destroyForcibly();
        }

        AuditVerdict verdict = trail.verify(List.of());

        assertThat(verdict.isIntact()).as("%s", verdict.damage()).isTrue();
        assertThat(verdict.first()).isEqualTo(60);
        AuditEntry last = trail.find(new AuditQuery(null, "test.done", null, null, null, 0, 9))
                .get(0);
        assertThat(last.actor()).isEqualTo("[redacted]");
        assertThat(last.at()).isAfter(Runs.START);
        assertThat(last.host()).isEqualTo("host-short");
        assertThat(trail.find(new AuditQuery(null, "audit.expired", "audit", null, null, 0, 9)))
                .singleElement()
                .satisfies(entry -> assertThat(entry.details()).containsEntry("lastPosition", 59));
    }

    @Test
    void detailsThatAreTooLongAreLeftOutAndSaidSo() {
        trail.record(new AuditEvent(
                "token:ops",
                "10.0.0.7",
                "test.done",
                "x".repeat(100_000),
                "ok",
                Map.of("list", Collections.nCopies(20_000, "abcdef"))));

        AuditEntry entry = trail.find(AuditQuery.newest(1)).get(0);
        assertThat(entry.details().get("shortened")).asString().contains("characters");
        assertThat(entry.subject()).hasSize(4097);
        assertThat(trail.verify(List.of()).isIntact()).isTrue();
    }

    @Test
    void aTamperedEntryIsFound() throws SQLException {
        recordSome(10);
        change("update audit set entry = replace(entry, 'subject-4', 'subject-x') where position = 5");

        assertDamage(5, AuditDamage.Kind.CHANGED, "entry 5 was changed");
    }

    @Test
    void aTamperedColumnIsFoundThoughTheEntryIsTrue() throws SQLException {
        recordSome(10);
        change("update audit set actor = 'token:else' where position = 5");

        assertDamage(5, AuditDamage.Kind.CHANGED, "its columns are not what its content says");
    }

    @Test
    void anEntryWithoutATimeIsFoundAndTheOthersCanStillBeRead() throws SQLException {
        for (String at : List.of("garbage", "", "+1000000000-12-31T23:59:59.999999999Z")) {
            recordSome(3);
            long head = Objects.requireNonNull(trail.state().head()).position();
            // With a true hash, at the end: nothing else is wrong with it.
            String entry = text("select entry from audit where position = " + head)
                    .replace(text("select at from audit where position = " + head), at);
            String hash = AuditRows.digest(text("select previous from audit where position = " + head), entry);
            change("update audit set at = '" + at + "', entry = '" + entry + "', hash = '" + hash
                    + "' where position = " + head);

            assertThat(trail.find(AuditQuery.newest(3)))
                    .extracting(AuditEntry::at)
                    .containsExactly(Instant.EPOCH, Runs.START, Runs.START);
            List<Long> exported = new ArrayList<>();
            trail.export(null, one -> exported.add(one.position()));
            assertThat(exported).hasSize((int) head);
            assertThat(trail.newest("subject-2", List.of("test.done"))).isPresent();
            assertDamage(3, AuditDamage.Kind.CHANGED, "entry 3 was changed");
        }
        change("update audit set entry = 'null' where position = 1");
        assertThat(trail.after(0, 1).get(0).details()).containsEntry("unreadable", "null");
    }

    @Test
    void aCheckpointWithoutATimeDoesNotBreakVerifying() throws SQLException {
        recordSome(10);
        clock.forward(Duration.ofDays(40));
        recordSome(5);
        trail.expire(Duration.ofDays(30));
        change("update audit set at = 'garbage' where action = 'audit.expired'");

        assertDamage(16, AuditDamage.Kind.CHANGED, "entry 16 was changed");
    }

    @Test
    void aTamperedEntryWithItsHashWrittenAnewIsFoundByTheNextOne() throws SQLException {
        recordSome(10);
        String entry = text("select entry from audit where position = 5").replace("\"ok\"", "\"no\"");
        String hash = AuditRows.digest(text("select previous from audit where position = 5"), entry);
        change("update audit set entry = '" + entry + "', hash = '" + hash + "' where position = 5");

        assertDamage(6, AuditDamage.Kind.UNLINKED, "entry 6 was not written after the one before it");
    }

    @Test
    void swappedEntriesAreFound() throws SQLException {
        recordSome(10);
        change("update audit set position = 1000 where position = 4");
        change("update audit set position = 4 where position = 7");
        change("update audit set position = 7 where position = 1000");

        assertDamage(4, AuditDamage.Kind.CHANGED, "stands in another's place");
    }

    @Test
    void aDeletedEntryIsFound() throws SQLException {
        recordSome(10);
        change("delete from audit where position = 4");
        assertDamage(4, AuditDamage.Kind.MISSING, "entry 4 is missing");

        change("delete from audit where position in (5, 6)");
        assertDamage(4, AuditDamage.Kind.MISSING, "entries 4 to 6 are missing: entry 7 is the next");
    }

    @Test
    void aDeletedEntryIsFoundAlsoWhenTheRestMovesUp() throws SQLException {
        recordSome(10);
        change("delete from audit where position = 4");
        for (int i = 5; i <= 10; i++) {
            change("update audit set position = " + (i - 1) + " where position = " + i);
        }

        assertDamage(4, AuditDamage.Kind.CHANGED, "stands in another's place");
    }

    @Test
    void aDeletedBeginningIsFound() throws SQLException {
        recordSome(10);
        change("delete from audit where position <= 3");

        assertDamage(1, AuditDamage.Kind.MISSING, "begins with entry 4, and no entry says");
    }

    @Test
    void anInsertedEntryIsFound() throws SQLException {
        recordSome(10);
        for (int i = 10; i >= 5; i--) {
            change("update audit set position = " + (i + 1) + " where position = " + i);
        }
        String previous = text("select hash from audit where position = 4");
        String entry = text("select entry from audit where position = 4").replace("\"position\":4", "\"position\":5");
        change("insert into audit select 5, at, actor, action, subject, '" + entry + "', '" + previous + "', '"
                + AuditRows.digest(previous, entry) + "' from audit where position = 4");

        assertDamage(6, AuditDamage.Kind.CHANGED, "stands in another's place");
    }

    @Test
    void entriesPutIntoAnotherOrderAreFound() throws SQLException {
        recordSome(6);
        change("update audit set position = position + 100");
        for (int i = 1; i <= 6; i++) {
            change("update audit set position = " + (7 - i) + " where position = " + (100 + i));
        }

        assertDamage(1, AuditDamage.Kind.CHANGED, "stands in another's place");
    }

    @Test
    void aTruncatedEndIsFoundByTheAnchorBesideTheStore() throws SQLException {
        recordSome(10);
        trail.anchor();
        change("delete from audit where position > 7");

        assertDamage(8, AuditDamage.Kind.TRUNCATED, "the trail ends with entry 7");
        assertDamage(8, AuditDamage.Kind.TRUNCATED, "audit-anchor has an anchor of entry 10");
    }

    @Test
    void aTruncatedEndIsFoundByAnAnchorOfTheLog() throws Exception {
        recordSome(10);
        Anchor head = Objects.requireNonNull(trail.state().head());
        change("delete from audit where position > 7");
        Files.deleteIfExists(state.resolve("audit-anchor"));
        assertThat(trail.verify(List.of()).isIntact())
                .as("nothing else can know")
                .isTrue();

        AuditVerdict verdict = trail.verify(List.of(Map.entry("the log", head)));

        assertThat(Objects.requireNonNull(verdict.damage()).message()).contains("the log has an anchor of entry 10");
        assertThat(verdict.anchors())
                .singleElement()
                .satisfies(one -> assertThat(one.state()).isEqualTo("contradicted"));
    }

    @Test
    void aTrailWrittenAnewIsFoundByTheFirstDigitsOfAnAnchor() throws Exception {
        recordSome(10);
        Anchor head = Objects.requireNonNull(trail.state().head());
        history.close();
        for (String name : List.of("watchkeeper.db", "watchkeeper.db-wal", "watchkeeper.db-shm", "audit-anchor")) {
            Files.deleteIfExists(state.resolve(name));
        }
        clock.forward(Duration.ofSeconds(1));
        open();
        recordSome(12);
        Anchor short48Bits = Anchor.parse("10:" + head.hash().substring(0, 12)).orElseThrow();

        AuditVerdict verdict = trail.verify(List.of(Map.entry("Prometheus", short48Bits)));

        assertThat(Objects.requireNonNull(verdict.damage()).kind()).isEqualTo(AuditDamage.Kind.TRUNCATED);
        assertThat(verdict.damage().position()).isEqualTo(10);
    }

    @Test
    void anAnchorThatIsContradictedStaysAsEvidence() throws Exception {
        recordSome(10);
        trail.anchor();
        String kept = Files.readString(state.resolve("audit-anchor"));
        change("delete from audit where position > 7");
        try (RunHistory other = RunHistory.open(state, clock)) {
            AuditTrail another = other.audit("shore-1");
            for (int i = 0; i < 210; i++) {
                another.record(AuditEvent.of("agent", "test", "test.more", "s", "ok"));
            }
        }

        assertThat(Files.readString(state.resolve("audit-anchor"))).isEqualTo(kept);
        assertDamage(10, AuditDamage.Kind.TRUNCATED, "cut off or changed, and written anew");
    }

    @Test
    void theProcessThatRecordedWhatIsGoneSaysSoOnTheRecord() throws SQLException {
        recordSome(10);
        change("delete from audit where position > 7");

        recordSome(2);

        assertThat(trail.find(new AuditQuery(null, "audit.damaged", null, null, null, 0, 9)))
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.position()).isEqualTo(8);
                    assertThat(entry.details().get("missing")).asString().startsWith("10:");
                });
    }

    @Test
    void checkingGoesOnFromWhereItWasAndKeepsWhatItFound() throws SQLException {
        recordSome(10);
        trail.check();
        assertThat(trail.state().checkedTo()).isEqualTo(10);
        recordSome(5);
        trail.check();
        assertThat(trail.state().checkedTo()).isEqualTo(15);
        assertThat(trail.state().damage()).isNull();
        recordSome(5);
        change("update audit set entry = replace(entry, 'subject-3', 'subject-x') where position = 19");

        trail.check();

        assertThat(Objects.requireNonNull(trail.state().damage()).position()).isEqualTo(19);
        change("update audit set entry = replace(entry, 'subject-x', 'subject-3') where position = 19");
        trail.check();
        assertThat(trail.state().damage()).as("does not heal").isNotNull();
    }

    @Test
    void everyHundredthEntryOfAProcessIsAnchored() throws Exception {
        recordSome(99);
        assertThat(state.resolve("audit-anchor")).doesNotExist();
        recordSome(1);
        assertThat(Files.readString(state.resolve("audit-anchor")))
                .startsWith("100:" + text("select hash from audit where position = 100"));
    }

    @Test
    void expiryLeavesACheckpointAndTheRestVerifies() throws SQLException {
        recordSome(10);
        String lastHash = text("select hash from audit where position = 10");
        trail.anchor();
        clock.forward(Duration.ofDays(40));
        recordSome(5);

        assertThat(trail.expire(Duration.ofDays(30))).isEqualTo(10);

        AuditVerdict verdict = trail.verify(
                List.of(Map.entry("old", new Anchor(4, "abcdefabcdef")), Map.entry("last", new Anchor(10, lastHash))));
        assertThat(verdict.isIntact()).as("%s", verdict.damage()).isTrue();
        assertThat(verdict.first()).isEqualTo(11);
        assertThat(verdict.anchors())
                .extracting(AuditVerdict.CheckedAnchor::state)
                .containsExactly("unconfirmed", "confirmed", "confirmed");
        AuditEntry checkpoint = trail.find(AuditQuery.newest(1)).get(0);
        assertThat(checkpoint.action()).isEqualTo("audit.expired");
        assertThat(checkpoint.details())
                .containsEntry("firstPosition", 1)
                .containsEntry("lastPosition", 10)
                .containsEntry("lastHash", lastHash);
        assertThat(trail.expire(Duration.ofDays(30))).isZero();

        clock.forward(Duration.ofDays(40));
        recordSome(1);
        assertThat(trail.expire(Duration.ofDays(30))).isEqualTo(6);
        trail.check();
        assertThat(trail.state().damage()).isNull();
        assertThat(trail.verify(List.of()).first()).isEqualTo(17);
    }

    @Test
    void aForgedCheckpointExcusesNothing() throws Exception {
        recordSome(10);
        trail.check();
        trail.anchor();
        Anchor head = Objects.requireNonNull(trail.state().head());
        String kept = Files.readString(state.resolve("audit-anchor"));
        for (String hash : List.of("f".repeat(64), head.hash())) {
            writeAnewAfter(new Anchor(10, hash));

            assertDamage(10, AuditDamage.Kind.UNCONFIRMED, "lies before the last checkpoint and cannot be confirmed");
            trail.anchor();
            assertThat(Files.readString(state.resolve("audit-anchor"))).isEqualTo(kept);
        }
        AuditVerdict given = trail.verify(List.of(Map.entry("the log", new Anchor(4, "abcdefabcdef"))));
        assertThat(given.anchors())
                .extracting(AuditVerdict.CheckedAnchor::state)
                .containsExactly("unconfirmed", "unconfirmed");

        recordSome(1);

        assertThat(positions(new AuditQuery(null, "audit.damaged", null, null, null, 0, 9)))
                .hasSize(1);
        Files.delete(state.resolve("audit-anchor"));
        trail.check();
        assertThat(Objects.requireNonNull(trail.state().damage()).message()).contains("this process has an anchor 10:");
    }

    /** As somebody would who can write the store. */
    private void writeAnewAfter(Anchor cut) throws SQLException {
        change("delete from audit");
        change("insert into audit select " + cut.position() + ", 'a', 'b', 'c', 'd', 'e', 'f', '" + cut.hash() + "'");
        Map<String, Object> details = Map.of("lastPosition", cut.position(), "lastHash", cut.hash());
        AuditEvent expired = new AuditEvent("agent", "schedule", "audit.expired", "audit", "ok", details);
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + state.resolve("watchkeeper.db"))) {
            for (AuditEvent event : List.of(AuditEvent.of("agent", "test", "test.done", "s", "ok"), expired)) {
                assertThat(AuditRows.appendOwn(connection, event, "shore-1", clock.instant())
                                .position())
                        .isGreaterThan(cut.position());
            }
        }
        change("delete from audit where position = " + cut.position());
    }

    @Test
    void aQuietAgentDoesNotMissWhatItHasLetExpireItself() throws Exception {
        recordSome(10);
        trail.check();
        trail.anchor();
        try (RunHistory other = RunHistory.open(state, clock)) {
            // More than goes in one transaction.
            other.audit("shore-1")
                    .recordAll(
                            Collections.nCopies(10_005, AuditEvent.of("user:ops", "terminal", "test.done", "s", "ok")));
            clock.forward(Duration.ofDays(40));
            other.audit("shore-1").record(AuditEvent.of("user:ops", "terminal", "test.done", "s", "ok"));
        }

        assertThat(trail.expire(Duration.ofDays(30))).isEqualTo(10_015);

        assertThat(Files.readString(state.resolve("audit-anchor")).strip())
                .isEqualTo(String.valueOf(trail.state().head()));
        trail.check();
        recordSome(1);
        trail.check();
        trail.anchor();
        assertThat(trail.state().damage()).isNull();
        assertThat(trail.verify(List.of()).damage()).isNull();
        assertThat(positions(new AuditQuery(null, "audit.damaged", null, null, null, 0, 9)))
                .isEmpty();
    }

    @Test
    void nothingExpiresWhenTheAnchorBesideTheStoreIsContradicted() throws Exception {
        recordSome(10);
        Files.writeString(state.resolve("audit-anchor"), "7:" + "e".repeat(64));
        clock.forward(Duration.ofDays(40));

        assertThatThrownBy(() -> trail.expire(Duration.ofDays(30))).hasMessageContaining("nothing of it is expired");
        assertThat(text("select count(*) from audit")).isEqualTo("10");
    }

    @Test
    void moreThanWhatExpiredCannotGoWithIt() throws SQLException {
        recordSome(10);
        clock.forward(Duration.ofDays(40));
        recordSome(5);
        trail.expire(Duration.ofDays(30));
        change("delete from audit where position = 11");

        assertDamage(11, AuditDamage.Kind.MISSING, "begins with entry 12");
    }

    @Test
    void nothingExpiresFromADamagedTrail() throws SQLException {
        recordSome(10);
        clock.forward(Duration.ofDays(40));
        change("delete from audit where position = 4");

        assertThatThrownBy(() -> trail.expire(Duration.ofDays(30)))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("nothing of it is expired");
        assertThat(text("select count(*) from audit")).isEqualTo("9");
    }

    @Test
    void theExportIsInOrderAndWhole() {
        recordSome(2_500);
        List<Long> positions = new ArrayList<>();
        trail.export(null, entry -> positions.add(entry.position()));
        assertThat(positions).hasSize(2_500).isSorted().startsWith(1L).endsWith(2_500L);
    }

    @Test
    void manyThreadsRecordAtOnce() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Boolean>> tasks = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                String subject = "s" + i;
                tasks.add(() -> {
                    trail.record(AuditEvent.of("agent", "test", "test.done", subject, "ok"));
                    return true;
                });
            }
            for (Future<Boolean> done : pool.invokeAll(tasks)) {
                assertThat(done.get()).isTrue();
            }
        } finally {
            pool.shutdownNow();
        }
        AuditVerdict verdict = trail.verify(List.of());
        assertThat(verdict.isIntact()).as("%s", verdict.damage()).isTrue();
        assertThat(verdict.entries()).isEqualTo(200);
        assertThat(trail.find(new AuditQuery(null, "audit.*", null, null, null, 0, 9)))
                .isEmpty();
    }

    @Test
    void twoProcessesAndThisOneAddToOneTrail() throws Exception {
        Process one = AuditWriter.start(state, "one", 150);
        Process two = AuditWriter.start(state, "two", 150);
        try (BufferedReader first = one.inputReader();
                BufferedReader second = two.inputReader()) {
            recordSome(150);
            assertThat(first.lines().count()).isEqualTo(150);
            assertThat(second.lines().count()).isEqualTo(150);
            assertThat(one.waitFor()).isZero();
            assertThat(two.waitFor()).isZero();
        } finally {
            one.destroyForcibly();
            two.destroyForcibly();
        }
        AuditVerdict verdict = trail.verify(List.of());
        assertThat(verdict.isIntact()).as("%s", verdict.damage()).isTrue();
        assertThat(verdict.entries()).isEqualTo(450);
    }

    @Test
    void nothingAcknowledgedIsLostWhenTheProcessIsKilled() throws Exception {
        Set<String> said = new HashSet<>();
        for (int round = 0; round < 3; round++) {
            Process writer = AuditWriter.start(state, "killed" + round, 1_000_000);
            try (BufferedReader output = writer.inputReader()) {
                for (int i = 0; i < 130; i++) {
                    said.add(Objects.requireNonNull(output.readLine()));
                }
                writer.toHandle().destroyForcibly();
                writer.waitFor();
            }
        }

        AuditVerdict verdict = trail.verify(List.of());

        assertThat(verdict.isIntact()).as("%s", verdict.damage()).isTrue();
        Set<String> there = new HashSet<>();
        trail.export(null, entry -> there.add(entry.subject()));
        assertThat(there).containsAll(said);
        assertThat(verdict.anchors())
                .singleElement()
                .satisfies(one -> assertThat(one.state()).isEqualTo("confirmed"));
    }

    private void recordSome(int count) {
        for (int i = 0; i < count; i++) {
            trail.record(AuditEvent.of("user:test", "terminal", "test.done", "subject-" + i, "ok"));
        }
    }

    private void assertDamage(long position, AuditDamage.Kind kind, String words) {
        AuditDamage damage = Objects.requireNonNull(trail.verify(List.of()).damage(), "damage");
        assertThat(damage.message()).contains(words);
        assertThat(damage.position()).isEqualTo(position);
        assertThat(damage.kind()).isEqualTo(kind);
    }

    private void change(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + state.resolve("watchkeeper.db"));
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(sql)).isPositive();
        }
    }

    private String text(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + state.resolve("watchkeeper.db"));
                Statement statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            return row.getString(1);
        }
    }
}
