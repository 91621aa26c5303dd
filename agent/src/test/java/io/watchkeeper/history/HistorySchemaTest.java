package io.watchkeeper.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistorySchemaTest {

    @TempDir
    Path state;

    private final SettableClock clock = new SettableClock(Runs.START);

    @Test
    void anEmptyFileBecomesTheLatestVersionAndEachMigrationIsRecorded() throws Exception {
        Files.createFile(state.resolve("watchkeeper.db"));
        RunHistory.open(state, clock).close();
        assertThat(column("select version from schema_version order by version"))
                .hasSize(HistorySchema.LATEST)
                .startsWith("1", "2");
        assertThat(column("select applied_at from schema_version")).contains("2026-03-01T10:00:00.123456789Z");
    }

    @Test
    void versionOneIsBroughtUpToDateAndKeepsItsRuns() throws Exception {
        RunOutcome run;
        try (RunHistory history = RunHistory.open(state, clock)) {
            run = Runs.record(history, "sync", RunState.FAILED);
        }
        backToVersionOne();
        try (RunHistory history = RunHistory.open(state, clock)) {
            assertThat(history.find(run.runId())).contains(run);
            assertThat(history.alerts().all()).isEmpty();
        }
        assertThat(column("select version from schema_version order by version"))
                .hasSize(HistorySchema.LATEST);
    }

    @Test
    void aReaderDoesNotMigrate() throws Exception {
        RunHistory.open(state, clock).close();
        backToVersionOne();
        assertThatThrownBy(() -> RunHistory.openForReading(state, clock))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("has schema version 1");
        assertThat(column("select version from schema_version")).containsExactly("1");
    }

    @Test
    void aNewerSchemaIsRefusedWithAHint() throws Exception {
        RunHistory.open(state, clock).close();
        execute("insert into schema_version values (99, '')");
        assertThatThrownBy(() -> RunHistory.open(state, clock))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("schema version 99, written by a newer Watchkeeper")
                .extracting(e -> ((OperatorException) e).hint())
                .asString()
                .contains("install the newer version");
    }

    @Test
    void aMigrationThatFailsLeavesTheOldVersion() throws Exception {
        RunHistory.open(state, clock).close();
        // A table that is in the way of version 2.
        execute("delete from schema_version where version > 1");
        assertThatThrownBy(() -> RunHistory.open(state, clock)).isInstanceOf(OperatorException.class);
        assertThat(column("select version from schema_version")).containsExactly("1");
    }

    @Test
    void aDatabaseOfSomethingElseIsRefused() throws Exception {
        execute("create table bookmarks (url text)");
        assertThatThrownBy(() -> RunHistory.open(state, clock))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("not one of Watchkeeper's");
        assertThat(column("select name from sqlite_master")).containsExactly("bookmarks");
    }

    private void backToVersionOne() throws SQLException {
        for (String table : List.of(
                "alert", "table_state", "measurement", "held_condition", "audit", "approval", "approval_request")) {
            execute("drop table " + table);
        }
        for (String column : List.of("checklist", "requested_by", "requested_from")) {
            execute("alter table run drop column " + column);
        }
        execute("delete from schema_version where version > 1");
    }

    private void execute(String... sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String each : sql) {
                statement.executeUpdate(each);
            }
        }
    }

    private List<String> column(String sql) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                values.add(row.getString(1));
            }
        }
        return values;
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + state.resolve("watchkeeper.db"));
    }
}
