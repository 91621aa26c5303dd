package io.watchkeeper.dsl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.copy.Fleet;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code maintainPartitions} in a step, on a real server. */
class PartitionVerbsTest {

    @TempDir
    private Path folder;

    private final Fleet fleet = new Fleet();
    private final RecordingContext context = new RecordingContext(false);
    private final RecordingContext dry = new RecordingContext(true);

    @BeforeEach
    void fill() {
        for (RecordingContext one : new RecordingContext[] {context, dry}) {
            one.databases.put("shore", fleet.shore());
            one.databases.put("ship", fleet.ship());
        }
        fleet.on("shore", "create table a (tenant_id text, at date) partition by range (at)");
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    private void run(RecordingContext in, String code) throws Exception {
        Toolbox none = Loading.toolbox(new Loading.SentAlerts());
        Clock clock = Clock.fixed(Instant.parse("2024-02-27T00:00:00Z"), ZoneOffset.UTC);
        BackupSettings backups =
                new BackupSettings(folder.resolve("repository"), null, folder.resolve("state"), null, "ship-7", clock);
        Toolbox toolbox = new Toolbox(none.host(), clock, none.alerts(), none.cron(), none.workers(), backups);
        Loading.runbook(
                        new RunbookLoader("ship", List.of("shore", "ship"), toolbox),
                        "runbook('test') {\nstep('s') {\n" + code + "\n}\n}")
                .steps()
                .get(0)
                .body()
                .run(in);
    }

    private String query(String sql) throws Exception {
        try (Session session = fleet.shore().open(Work.unattended("test"))) {
            return session.query(sql).toString();
        }
    }

    @Test
    void aPatternThatMeansNothingIsNoFailure() throws Exception {
        run(context, "log.info maintainPartitions('shore', 'nothing.*') { daily }.created().size()");

        assertThat(context.log).endsWith("info 0");
    }

    @Test
    void oneBareWordIsEnough() throws Exception {
        run(context, """
                def result = maintainPartitions('shore', 'public.a') { monthly }
                log.info result.created()
                """);

        assertThat(context.log)
                .containsExactly(
                        "info public.a: made public.a_p2024_02, public.a_p2024_03",
                        "info [public.a_p2024_02, public.a_p2024_03]");
        assertThat(context.results).extracting(VerbResult::verb).containsExactly("maintainPartitions");
    }

    @Test
    void allWordsTogether() throws Exception {
        run(context, """
                maintainPartitions('shore', ['public.*']) {
                    weekly
                    hash 2, 'tenant_id'
                    ahead 10.days
                    retain 180.days
                    archive
                    maxDrops 3
                    testOn 'ship'
                    moveDefaultRows true
                    batch 500
                    zone 'Asia/Seoul'
                    lockTimeout 200.milliseconds
                    attempts 5
                }
                """);

        assertThat(context.results)
                .singleElement()
                .satisfies(result -> assertThat(result.fields().get("created"))
                        .isEqualTo(List.of("public.a_p2024_02_26", "public.a_p2024_03_04")));
    }

    @Test
    void aDryRunDescribes() throws Exception {
        run(dry, "maintainPartitions('shore', 'public.a') { daily; ahead 0.seconds }");

        assertThat(dry.results).isEmpty();
        assertThat(dry.plans).containsExactly("maintainPartitions shore  public.a");
        assertThat(query("select count(*) as n from pg_inherits")).isEqualTo("[{n=0}]");
    }

    @Test
    void wordsThatDoNotGoTogetherAreRefused() {
        assertThatThrownBy(() -> run(context, "maintainPartitions('shore', 'public.a') { ahead 3.days }"))
                .hasMessageContaining("needs 'monthly' or 'weekly' or 'daily'");
        assertThatThrownBy(() -> run(context, "maintainPartitions('shore', 'public.a') { monthly; daily }"))
                .hasMessageContaining("says both monthly and daily");
        assertThatThrownBy(() -> run(context, "maintainPartitions('shore', 'public.a') { monthly; drop }"))
                .hasMessageContaining("'drop' without 'retain'");
        assertThatThrownBy(() ->
                        run(context, "maintainPartitions('shore', 'public.a') { monthly; lockTimeout 5.seconds }"))
                .hasMessageContaining("up to one second");
    }
}
