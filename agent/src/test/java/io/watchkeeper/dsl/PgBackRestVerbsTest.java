package io.watchkeeper.dsl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.Step;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.pgbackrest.StanzaServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** The verbs of backups with {@code provider pgbackrest}, in steps, on a real stanza. */
@TestMethodOrder(MethodOrderer.MethodName.class)
class PgBackRestVerbsTest {

    private static StanzaServer stanza;
    private final RecordingContext context = new RecordingContext(false);
    private final RecordingContext dry = new RecordingContext(true);

    @BeforeAll
    static void start() {
        stanza = StanzaServer.start();
    }

    @AfterAll
    static void stop() {
        if (stanza != null) {
            stanza.close();
        }
    }

    @Test
    void archives() throws Exception {
        run(dry, "walArchive('shore') { provider PROVIDER; method command }");
        assertThat(dry.plans).singleElement().asString().contains("stanza main");

        run(context, """
                def archive = walArchive('shore') { provider PROVIDER; method command }
                log.info "${archive.segments() > 0} ${archive.recoverableTo() != null} ${archive.missing().size()}"
                """);

        assertThat(context.log).contains("info true true 0");
        assertThat(context.results)
                .singleElement()
                .satisfies(result -> assertThat(result.fields())
                        .containsEntry("method", "pgbackrest")
                        .containsEntry("receiving", true));
        assertThatThrownBy(() -> run(context, "walArchive('shore') { provider PROVIDER; method stream }"))
                .hasMessageContaining("'method stream' does not go with provider pgbackrest");
    }

    @Test
    void backsUpIntoTheCatalogue() throws Exception {
        run(context, "walArchive('shore') { provider PROVIDER; method command }");
        run(dry, "baseBackup('shore') { provider PROVIDER; differential true }");
        assertThat(stanza.program().info().backups()).isEmpty();

        run(context, """
                def first = baseBackup('shore') { provider PROVIDER; incremental true; checkpoint fast; compress zstd, 1 }
                def second = baseBackup('shore') { provider PROVIDER; incremental true; checkpoint fast }
                log.info "${first.bytes() > second.bytes()}"
                """);

        assertThat(context.log).contains("info a whole backup, because there is none younger than 1 d", "info true");
        assertThat(stanza.catalogue().backups())
                .extracting(
                        backup -> backup.state().kind() + " " + backup.state().provider())
                .containsExactly("base pgbackrest", "incremental pgbackrest");
        assertThat(context.results.get(2).fields()).containsEntry("kind", "incremental");
        run(context, """
                def read = verifyBackups { database 'shore'; provider PROVIDER }
                log.info "verified ${read.verified()}"
                baseBackup('shore') { provider PROVIDER; checkpoint fast }
                def gone = expireBackups { database 'shore'; provider PROVIDER; keepLast 1; keepAtLeast 1 }
                log.info "removed ${gone.removed()}"
                """);
        assertThat(context.log).contains("info verified 2", "info removed 2");
        assertThat(stanza.catalogue().backups()).hasSize(1).allMatch(backup -> backup.isGood());
        assertThatThrownBy(() -> run(context, "expireBackups { provider PROVIDER; keep 1.days }"))
                .hasMessageContaining("does not say whose backups");
        assertThatThrownBy(() -> run(context, "baseBackup('shore') { provider PROVIDER; rateLimit 1.megabytes }"))
                .hasMessageContaining("'rateLimit' does not go with provider pgbackrest");
    }

    @Test
    void theExampleDoesWhatItSays() throws Exception {
        String example = Files.readString(Path.of("..", "dsl-examples", "54-backups-by-pgbackrest.groovy"));

        runAll(dry, example);
        assertThat(dry.plans).isNotEmpty();
        runAll(context, example);

        assertThat(context.results)
                .extracting(VerbResult::verb)
                .containsExactly("walArchive", "baseBackup", "verifyBackups", "expireBackups");
        assertThat(context.results.get(3).fields()).containsEntry("removed", List.of());
    }

    @Test
    void refusesWhatCannotBeAStanza() {
        assertThatThrownBy(() -> run(context, "walArchive('shore') { provider pgbackrest('--config=/x') }"))
                .hasMessageContaining("cannot be a stanza's name");
        assertThat(Loading.problemsOfStep("walArchive('shore') { provider pgbackrest('main', 'pgbackrest.conf') }"))
                .singleElement()
                .asString()
                .contains("path");
    }

    private static void run(RecordingContext in, String code) throws Exception {
        runAll(in, "runbook('test') {\nstep('s') {\n" + code.replace("PROVIDER", "pgbackrest('main')") + "\n}\n}");
    }

    private static void runAll(RecordingContext in, String text) throws Exception {
        in.databases.put("shore", stanza.database());
        Toolbox toolbox = new Toolbox(
                "here", Clock.systemUTC(), new Loading.SentAlerts(), Loading::cronProblem, null, stanza.settings());
        Runbook runbook = Loading.runbook(
                new RunbookLoader("ship", List.of("shore"), toolbox),
                text.replace("pgbackrest('main')", "pgbackrest('main', '" + stanza.config() + "')"));
        for (Step step : runbook.steps()) {
            step.body().run(in);
        }
    }
}
