package io.watchkeeper.dsl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.measures.Measurements;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.testing.StandbyServers;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.replication.ReplicationSight;
import io.watchkeeper.toolkit.wal.WalReceivers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code remediateLag} as it is written, and how a run tells of it; what it does is tested where the remedies are. */
class RemedyVerbsTest {

    private static final String AROUND = "runbook('test') { step('s') { remediateLag('shore') {\n%s\n} } }";

    @TempDir
    private Path state;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "alertAfter 300.seconds; alertAfterBytes 1.gigabytes; until 10.seconds; deadline 30.minutes; every 5.seconds",
                "allow hotStandbyFeedback, cancelConflicts, terminateConflicts, resumeReplay, costLimit, restartReceiver",
                "allow yieldRuns; allow reindex; reindexOf 'public.a', 'public.b'; bloatOver 40.percent",
                "neverCancel 'pg_dump', 'report_*'; cancelAtMost 3; costLimitTo 2_000; only 'ship'"
            })
    void loads(String words) {
        assertThat(Loading.problemsOf(AROUND.formatted(words))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"allow 'reindex'", "allow everything", "until 5", "neverCancel 5", "alertAftre 5.seconds"})
    void refusesWhatCannotBeMeant(String words) {
        assertThat(Loading.problemsOf(AROUND.formatted(words)))
                .isNotEmpty()
                .allMatch(problem -> problem.startsWith("2:"));
    }

    @Test
    void tellsOfItInTheDocumentTheLogAndTheReport() throws Exception {
        try (LocalServer primary = TestServers.own(Map.of());
                LocalServer standby = StandbyServers.of(primary);
                DatabasePools pools = new DatabasePools(List.of(
                        TestServers.settings("shore", primary, "postgres"),
                        new DatabaseSettings("ship", standby.url("postgres"), "postgres", null, 8, "shore", true)))) {
            RecordingContext context = new RecordingContext(false);
            pools.all().forEach(database -> context.databases.put(database.name(), database));
            run(pools, context, "remediateLag('shore')");
            assertThat(context.results)
                    .singleElement()
                    .satisfies(result -> assertThat(result.fields()).containsEntry("ending", "notBehind"));

            // Only a standby that has replayed a commit knows how old what it has is.
            TestServers.execute(primary, "postgres", "create table before as select 1 as a");
            await().until(() -> asked(standby, "select pg_last_xact_replay_timestamp() is not null"));
            StandbyServers.pauseReplay(standby);
            TestServers.execute(primary, "postgres", "create table behind as select 1 as a");
            await().until(() -> isOld(standby));
            String limits = "alertAfter 500.milliseconds; until 300.milliseconds; every 100.milliseconds; ";
            assertThatThrownBy(() -> run(pools, context, "remediateLag('shore') { " + limits + " }"))
                    .hasMessageContaining("replay is paused");
            RecordingContext dry = new RecordingContext(true);
            pools.all().forEach(database -> dry.databases.put(database.name(), database));
            run(pools, dry, "remediateLag('shore') { " + limits + "allow resumeReplay }");
            assertThat(dry.notes).contains("would: resumeReplay");
            assertThatThrownBy(() -> run(pools, context, "remediateLag('shore') { allow reindex }"))
                    .hasMessageContaining("needs the tables");

            run(
                    pools,
                    context,
                    "def done = remediateLag('shore') { " + limits
                            + "allow resumeReplay }\nlog.info \"ended ${done.ending()} ${done.replicas().size()}\"");
            assertThat(context.log).contains("info ended REMEDIED 1").anyMatch(line -> line.contains("replay resumed"));
            assertThat(context.results.get(context.results.size() - 1).fields()).containsEntry("ending", "remedied");
            assertThat(context.reports().resolve("report.html"))
                    .content()
                    .contains(
                            "replay is paused",
                            "resumeReplay: replay resumed",
                            "it has caught up",
                            "<h2>Timeline</h2>");
            assertThat(context.reports().resolve("report.json")).content().contains("\"cause\" : \"replayPaused\"");
        }
    }

    private static boolean isOld(LocalServer standby) throws SQLException {
        return asked(
                standby,
                "select now() - pg_last_xact_replay_timestamp() > '0.6 s'"
                        + " and pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()");
    }

    private static boolean asked(LocalServer server, String question) throws SQLException {
        try (Connection connection = TestServers.connect(server, "postgres");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(question)) {
            return row.next() && row.getBoolean(1);
        }
    }

    private void run(DatabasePools pools, RecordingContext in, String code) throws Exception {
        Toolbox none = Loading.toolbox(new Loading.SentAlerts());
        Clock clock = Clock.systemUTC();
        BackupSettings backups = new BackupSettings(null, null, state, null, "ship-7", clock);
        Toolbox toolbox = new Toolbox(
                none.host(),
                clock,
                none.alerts(),
                none.cron(),
                none.workers(),
                backups,
                new WalReceivers(false, clock),
                new ReplicationSight(pools.all(), state, new ReplicationBoard(), clock),
                Measurements.none(),
                false,
                MetaTools.NONE);
        Loading.runbook(
                        new RunbookLoader("ship", List.of("shore", "ship"), toolbox),
                        "runbook('test') {\nstep('s') {\n" + code + "\n}\n}")
                .steps()
                .get(0)
                .body()
                .run(in);
    }
}
