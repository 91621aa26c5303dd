package io.watchkeeper.dsl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.copy.Fleet;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code dump} and {@code restore} in a step, on real servers. */
class DumpVerbsTest {

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
            one.reports = folder;
        }
        fleet.on(
                "shore",
                "create table a (id int primary key); create table \"Odd T\" (id int);"
                        + " insert into a select generate_series(1, 10)");
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    private void run(RecordingContext in, String code) throws Exception {
        Toolbox none = Loading.toolbox(new Loading.SentAlerts());
        BackupSettings backups = new BackupSettings(
                folder.resolve("repository"), null, folder.resolve("state"), null, "ship-7", Clock.systemUTC());
        Toolbox toolbox = new Toolbox(none.host(), none.clock(), none.alerts(), none.cron(), none.workers(), backups);
        Loading.runbook(
                        new RunbookLoader("ship", List.of("shore", "ship"), toolbox),
                        "runbook('test') {\nstep('s') {\n" + code + "\n}\n}")
                .steps()
                .get(0)
                .body()
                .run(in);
    }

    @Test
    void dumpsProvesAndRestoresIntoAnotherConfiguredDatabase() throws Exception {
        run(context, """
                def made = dump('shore') {
                    format directory
                    jobs 2
                    tables 'public.a', 'public."Odd T"'
                    exclude 'public.b'
                    compress none
                    globals true
                    testRestore true
                    testOn 'ship'
                    lockTimeout 10.seconds
                }
                log.info "${made.tables()} ${made.restored()} ${made.rows()}"
                def back = restore('shore') { into 'ship'; dump made.id(); tables 'public.a' }
                log.info "${back.created()} ${back.rows()} ${back.verified()}"
                restore('shore') { into 'ship'; tables 'public.*'; clean true; jobs 2 }
                """);

        assertThat(context.log).contains("info 2 true 10", "info false 10 true");
        assertThat(context.log).anyMatch(line -> line.startsWith("info the dump's roles were not applied"));
        assertThat(context.results).extracting(VerbResult::verb).containsExactly("dump", "restore", "restore");
        assertThat(context.results.get(0).fields())
                .containsEntry("kind", "dump")
                .containsEntry("restored", true)
                .containsEntry("format", "directory");
        assertThat(context.results.get(1).fields()).containsEntry("rowsWritten", 10L);
        assertThat(fleet.value("ship", "select count(*) from a")).isEqualTo("10");
    }

    @Test
    void aDryRunSaysWhatWouldBeDoneAndMakesNothing() throws Exception {
        run(dry, """
                dump('shore') { testRestore true }
                restore('shore') { into 'ship' }
                """);

        assertThat(dry.plans).containsExactly("dump shore  all tables", "restore all tables  shore → ship");
        assertThat(dry.notes)
                .anyMatch(note -> note.contains("as dump.custom; needs about"))
                .anyMatch(note -> note.contains("every table is compared"))
                .contains("what would be lost there can be said when there is one");
        assertThat(folder.resolve("repository")).doesNotExist();
    }

    @Test
    void refusesWhatCannotBeMeant() {
        assertThatThrownBy(() -> run(context, "dump('shore') { tables 'a'; schemas 'b' }"))
                .hasMessageContaining("'tables' and 'schemas' together");
        assertThatThrownBy(() -> run(context, "dump('shore') { jobs 2 }"))
                .hasMessageContaining("only a dump of format directory");
        assertThatThrownBy(() -> run(context, "restore('shore') { tables 'a' }"))
                .hasMessageContaining("'restore' needs 'into'");
        assertThatThrownBy(() -> run(context, "restore('shore') { into 'ship' }"))
                .hasMessageContaining("there is no dump of 'shore'");
        assertThat(Loading.problemsOfStep("dump('shroe') { }"))
                .singleElement()
                .asString()
                .contains("shore");
        assertThat(Loading.problemsOfStep("dump('shore') { format zip }")).isNotEmpty();
    }
}
