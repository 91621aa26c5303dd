package io.watchkeeper.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.SourceLocation;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The small parts of a run that need no server. */
class RunPartsTest {

    private static RunError error(Throwable failure) {
        return new RunErrors(new SourceLocation("/etc/watchkeeper/runbooks/RunPartsTest.java", 3), false)
                .of(failure, null);
    }

    @Test
    void applicationNamesFitAndKeepTheRunsId() {
        String id = RunId.create(Instant.parse("2026-01-01T00:00:00Z"));
        assertThat(RunWork.applicationName("nightly", id)).isEqualTo("watchkeeper nightly " + id.substring(0, 10));
        String longest = RunWork.applicationName("x".repeat(200), id);
        assertThat(longest).hasSize(63).endsWith("x " + id.substring(0, 10));
        assertThat(RunWork.applicationName("배포", id).getBytes(StandardCharsets.UTF_8))
                .hasSizeLessThanOrEqualTo(63);
    }

    @Test
    void runIdsSortByTimeAndOnlyTheirFormIsTaken() {
        String early = RunId.create(Instant.parse("2026-01-01T00:00:00Z"));
        String late = RunId.create(Instant.parse("2026-01-01T00:00:01Z"));
        assertThat(early).isLessThan(late);
        assertThat(RunId.isValid(early)).isTrue();
        assertThat(RunId.isValid(early + "0")).isFalse();
        assertThat(RunId.isValid("../" + early.substring(3))).isFalse();
    }

    @Test
    void anErrorIsPlacedWhereTheRunbookStands() {
        RunError error = error(new ExecutionException(new IllegalStateException("no")));
        assertThat(error.message()).isEqualTo("no");
        assertThat(error.file()).isEqualTo("/etc/watchkeeper/runbooks/RunPartsTest.java");
        assertThat(error.line()).isPositive();
    }

    @Test
    void anErrorFromElsewhereHasNoPlace() {
        RuntimeException failure = new IllegalStateException("no");
        failure.setStackTrace(new StackTraceElement[] {new StackTraceElement("a.B", "c", "B.java", 7)});
        assertThat(error(failure).file()).isNull();
        assertThat(error(failure).line()).isZero();
    }

    @Test
    void aFailureWithoutWordsIsNamedByItsKind() {
        assertThat(error(new NullPointerException("Cannot invoke \"java.util.Map.get(Object)\"")))
                .satisfies(e -> assertThat(e.message()).isEqualTo("a value is missing (null) here"))
                .satisfies(e -> assertThat(e.hint()).contains("if (rows)"));
        assertThat(error(new ClassCastException("class java.lang.String cannot be cast"))
                        .message())
                .isEqualTo("a value is of another kind than is needed here");
        assertThat(error(new OutOfMemoryError("Java heap space")).message())
                .isEqualTo("the agent has not enough memory for this");
        assertThat(error(new StackOverflowError()).message()).isEqualTo("the code calls itself without end");
        assertThat(error(new UncheckedIOException(new NoSuchFileException("/x")))
                        .message())
                .isEqualTo("no such file: /x");
    }

    @Test
    void aBatchIsBlamedForWhatItsStatementSaid() {
        BatchUpdateException batch = new BatchUpdateException("batch entry 3", "23505", new int[0]);
        batch.setNextException(new SQLException("duplicate key", "23505"));
        assertThat(error(batch).message()).isEqualTo("duplicate key");
        assertThat(error(batch).sqlState()).isEqualTo("23505");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    42501 | permission denied for table documents   | GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE documents TO
                    42501 | permission denied for schema hr         | GRANT USAGE ON SCHEMA hr TO
                    42501 | must be owner of table t                | right it lacks
                    53300 | sorry, too many clients already         | maxConnections
                    28P01 | password authentication failed          | passwordFile
                    3D000 | database "x" does not exist             | url
                    42P01 | relation "t" does not exist             | table's name
                    08001 | connection refused                      | server runs
                    55P03 | lock timeout                            | pg_blocking_pids
                    57014 | canceling statement                     | statement_timeout
                    """)
    void knowsWhatToDoAboutWhatServersSay(String sqlState, String message, String hint) {
        assertThat(error(new SQLException(message, sqlState)).hint()).contains(hint);
    }

    @Test
    void lockHoldersAreReadBackFromTheirText() {
        LockHolder holder = new LockHolder(RunId.create(Instant.EPOCH), 42, "odd name/한국어");
        assertThat(LockHolder.parse(holder.text())).contains(holder);
        assertThat(LockHolder.parse("")).isEmpty();
        assertThat(LockHolder.parse("x y z")).isEmpty();
    }
}
