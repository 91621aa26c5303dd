package io.watchkeeper.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.audit.AuditEvent;
import io.watchkeeper.audit.AuditQuery;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A command that runs for longer than entries are kept, beside an agent that lets them expire. */
class OwnEntriesTest {

    private static final Duration DAY = Duration.ofDays(1);

    @TempDir
    Path state;

    private final SettableClock clock = new SettableClock(Runs.START);
    private RunHistory store;
    private AuditTrail agent;
    private AuditTrail command;

    @BeforeEach
    void open() {
        store = RunHistory.open(state, clock);
        agent = store.audit("shore-1").whichKeeps(DAY);
        command = store.audit("shore-1").whichKeeps(DAY);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static AuditEvent event(String action) {
        return AuditEvent.of("agent", "test", action, "s", "ok");
    }

    private long damages() {
        return agent.find(new AuditQuery(null, "audit.damaged", null, null, null, 0, 9))
                .size();
    }

    @Test
    void whatExpiredMeanwhileIsNotMissed() {
        command.record(event("run.accepted"));
        clock.forward(Duration.ofHours(40));
        agent.record(event("agent.started"));
        assertThat(agent.expire(DAY)).isEqualTo(1);

        command.record(event("run.finished"));

        assertThat(damages()).isZero();
        assertThat(agent.verify(java.util.List.of()).isIntact()).isTrue();
    }

    @Test
    void whatExpiredInSeveralCutsIsNotMissedEither() {
        command.record(event("run.accepted"));
        for (int days = 0; days < 4; days++) {
            clock.forward(Duration.ofHours(30));
            agent.record(event("agent.started"));
            agent.expire(DAY);
        }

        command.record(event("run.finished"));

        assertThat(damages()).isZero();
    }

    @Test
    void whatIsYoungerThanThatIsMissedWhateverTheTrailSays() throws SQLException {
        command.record(event("run.accepted"));
        clock.forward(Duration.ofHours(2));
        agent.record(event("agent.started"));
        forgeACheckpoint();

        command.record(event("run.finished"));

        assertThat(damages()).isEqualTo(1);
    }

    @Test
    void whatIsGoneWithoutACheckpointIsMissedHoweverOldItIs() throws SQLException {
        command.record(event("run.accepted"));
        clock.forward(Duration.ofHours(40));
        agent.record(event("agent.started"));
        change("delete from audit where position = 1");

        command.record(event("run.finished"));

        assertThat(damages()).isEqualTo(1);
    }

    @Test
    void whereNothingExpiresACheckpointExcusesNothing() throws SQLException {
        command.whichKeeps(null);
        command.record(event("run.accepted"));
        clock.forward(Duration.ofHours(40));
        agent.record(event("agent.started"));
        forgeACheckpoint();

        command.record(event("run.finished"));

        assertThat(damages()).isEqualTo(1);
    }

    /** As somebody would who can write the store and wants the first entry gone. */
    private void forgeACheckpoint() throws SQLException {
        try (Connection connection = connect()) {
            AuditRows.Row first = AuditRows.after(connection, 0, 1).get(0);
            AuditRows.appendOwn(
                    connection,
                    new AuditEvent(
                            "agent",
                            "schedule",
                            "audit.expired",
                            "audit",
                            "ok",
                            Map.of("lastPosition", first.position(), "lastHash", first.hash())),
                    "shore-1",
                    clock.instant());
        }
        change("delete from audit where position = 1");
    }

    private void change(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + state.resolve("watchkeeper.db"));
    }
}
