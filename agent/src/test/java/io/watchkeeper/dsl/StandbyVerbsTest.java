package io.watchkeeper.dsl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.Parameter;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.Step;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.standby.StandbyRig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code provisionStandby} as it is written, and what is shipped and shown of it, run; what it does is tested where it is done. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StandbyVerbsTest {

    private static final String AROUND =
            "runbook('test') { step('s') { provisionStandby('ship') { dataDirectory '/a/b'\n%s\n} } }";

    private StandbyRig rig;
    private DatabasePools pools;

    @BeforeAll
    void start() {
        rig = new StandbyRig(Map.of());
        pools = new DatabasePools(List.of(
                rig.shore().settings(), ship("jdbc:postgresql://127.0.0.1:" + rig.port + "/postgres", "shore", true)));
    }

    private static DatabaseSettings ship(String url, String standbyOf, boolean local) {
        return new DatabaseSettings("ship", url, "postgres", null, 4, standbyOf, local);
    }

    @AfterAll
    void stop() {
        pools.close();
        rig.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "from 'shore'; slot 'ship_7'; role 'replicator'; passwordFile '/etc/p'",
                "settings set; restart true; walKeepSize 1.gigabytes; maxSlotWalKeepSize 50.gigabytes",
                "settings check; hba propose; hbaFrom '10.9.0.2/32'",
                "hba write; sslMode 'verify-full'; sslRootCert '/etc/root.pem'",
                "start systemd('postgresql@15-ship')",
                "start pgCtl; port 5433; owner 'postgres'; bin '/usr/lib/postgresql/15/bin'",
                "start none; tablespace '/srv/a', '/srv/b'; renew true",
                "undo true"
            })
    void loads(String words) {
        assertThat(Loading.problemsOf(AROUND.formatted(words))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "start",
                "start 'pgCtl'",
                "hba maybe",
                "settings true",
                "from 'shroe'",
                "port '5433'",
                "dataDirectory 'here'"
            })
    void refusesWhatCannotBeMeant(String words) {
        assertThat(Loading.problemsOf(AROUND.formatted(words)))
                .isNotEmpty()
                .allMatch(problem -> problem.startsWith("2:"));
    }

    @Test
    void theShippedRunbookMakesGoesOnAndUndoes() throws Exception {
        String text = Files.readString(Path.of("..", "runbooks", "standby-provision.groovy"));
        RecordingContext dry = new RecordingContext(true);
        run(dry, text, Map.of());
        assertThat(dry.plans).containsExactly("provisionStandby shore → ship");
        assertThatThrownBy(() -> run(new RecordingContext(false), text, Map.of()))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.hint()).contains("add to pg_hba.conf"));

        RecordingContext made = new RecordingContext(false);
        run(made, text.replace("hba propose ", "hba write "), Map.of());
        assertThat(made.log).contains("info ship is streaming");
        assertThat(made.results.get(0).fields())
                .containsEntry("status", "streaming")
                .containsEntry("changed", true);
        RecordingContext again = new RecordingContext(false);
        run(again, text, Map.of());
        assertThat(again.results.get(0).fields()).containsEntry("changed", false);

        RecordingContext undone = new RecordingContext(false);
        run(undone, text, Map.of("undo", "true"));
        assertThat(undone.log).contains("info ship is undone", "info dropped slot watchkeeper_ship");
        assertThat(rig.data()).doesNotExist();
    }

    @Test
    void theExamplesDoWhatTheySay() throws Exception {
        for (String example : List.of("56-make-a-standby.groovy", "57-undo-a-standby.groovy")) {
            String text = Files.readString(Path.of("..", "dsl-examples", example));
            RecordingContext dry = new RecordingContext(true);
            run(dry, text, Map.of());
            assertThat(dry.plans).hasSize(1);
            RecordingContext context = new RecordingContext(false);
            run(context, text, Map.of());
            assertThat(context.results).hasSize(1);
        }
        assertThat(rig.ask("select count(*) from pg_replication_slots")).isEqualTo("0");
        assertThat(rig.ask("select count(*) from pg_file_settings where sourcefile like '%auto.conf'"))
                .isEqualTo("0");
    }

    @Test
    void whatThePageShowsSaysWhatItWouldDo() throws Exception {
        List<String> shown = Pattern.compile("```groovy\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("..", "docs", "standby.md")))
                .results()
                .map(block -> block.group(1))
                .toList();
        assertThat(shown).isNotEmpty();
        for (String text : shown) {
            RecordingContext dry = new RecordingContext(true);
            run(dry, text, Map.of());
            assertThat(dry.plans).containsExactly("provisionStandby shore → ship");
        }
    }

    @Test
    void aStandbyOfAnotherHostIsMadeThere() {
        RecordingContext context = new RecordingContext(false);
        try (DatabasePools away = new DatabasePools(
                List.of(rig.shore().settings(), ship("jdbc:postgresql://10.9.0.2:5432/app", "shore", false)))) {
            context.databases.put("ship", away.database("ship"));
            assertThatThrownBy(() -> run(context, AROUND.formatted("from 'shore'"), Map.of()))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("a standby is made on its own host");
        }
    }

    private void run(RecordingContext in, String text, Map<String, String> given) throws Exception {
        in.databases.put("shore", rig.shore());
        in.databases.putIfAbsent("ship", pools.database("ship"));
        Toolbox toolbox = new Toolbox(
                "here",
                Clock.systemUTC(),
                new Loading.SentAlerts(),
                Loading::cronProblem,
                null,
                new BackupSettings(null, null, rig.state, null, "here", Clock.systemUTC()));
        Runbook runbook = Loading.runbook(
                new RunbookLoader("ship", List.of("shore", "ship"), toolbox),
                text.replace("/var/lib/postgresql/15/ship", rig.data().toString()));
        for (Parameter parameter : runbook.parameters()) {
            in.params.put(parameter.name(), Objects.requireNonNull(parameter.defaultValue()));
        }
        in.params.putAll(given);
        for (Step step : runbook.steps()) {
            step.body().run(in);
        }
    }
}
