package io.watchkeeper.dsl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.copy.Fleet;
import io.watchkeeper.toolkit.stream.TableStreamer;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code syncTable} and {@code syncTables} in a step, on real servers. */
class SyncVerbsTest {

    private final Fleet fleet = new Fleet();
    private final RecordingContext context = new RecordingContext(false);
    private final RecordingContext dry = new RecordingContext(true);

    @BeforeEach
    void fill() {
        for (RecordingContext one : new RecordingContext[] {context, dry}) {
            one.databases.put("shore", fleet.shore());
            one.databases.put("ship", fleet.ship());
        }
        fleet.both(
                "create table a (id int primary key, name text, updated_at timestamptz not null default now());"
                        + " create table b (id int primary key, a int references a); create table scratch (id int primary key)");
        fleet.on(
                "shore",
                "insert into a select i, 'n' || i from generate_series(1, 100) i;"
                        + " insert into b select i, i from generate_series(1, 50) i; insert into scratch values (1)");
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    private void run(RecordingContext in, String code) throws Exception {
        Loading.runbook("runbook('test') {\nstep('s') {\n" + code + "\n}\n}")
                .steps()
                .get(0)
                .body()
                .run(in);
    }

    @Test
    void bringsWhatWasWrittenAndDeletedSinceTheLastRound() throws Exception {
        String round = """
                def result = syncTable('public.a') { from 'shore'; to 'ship' }
                log.info "${result.mode()}: ${result.rowsWritten()} written, ${result.rowsDeleted()} deleted"
                """;
        run(context, round);
        fleet.on("shore", "update a set name = 'changed' where id <= 3; delete from a where id > 98");
        run(context, round);

        assertThat(context.log).element(1).isEqualTo("info xmin: 3 written, 2 deleted");
        assertThat(fleet.value("ship", "select count(*) || ' ' || count(*) filter (where name = 'changed') from a"))
                .isEqualTo("98 3");
        assertThat(context.results).extracting(VerbResult::verb).containsOnly("syncTable");
        assertThat(context.results.get(1).fields())
                .containsEntry("table", "public.a")
                .containsEntry("to", "ship")
                .containsEntry("mode", "xmin")
                .containsEntry("rowsDeleted", 2L)
                .containsKeys("reason", "watermark", "lsn");
    }

    @Test
    void takesEveryOptionOfOneTable() throws Exception {
        fleet.on("ship", "create schema fleet; create table fleet.a (like a including all)");

        run(context, """
                syncTable('public.a') {
                    from 'shore'
                    to 'ship'
                    targetTable 'fleet.a'
                    key 'id'
                    mode hybrid
                    watermark 'updated_at'
                    overlap 5.minutes
                    proveEvery 2.hours
                    verifyEvery 1.day
                    deletes true
                    maxDeletes 10
                    localEdits keep
                    where 'id <= 30'
                    columns 'id', 'name', 'updated_at'
                    followColumns true
                    workers 2
                    batch 50_000
                    rateLimit 2.megabytes
                    verify true
                }
                """);

        assertThat(context.results.get(0).fields())
                .containsEntry("targetTable", "fleet.a")
                .containsEntry("verified", true);
        assertThat(fleet.value("ship", "select count(*) from fleet.a")).isEqualTo("30");
    }

    @Test
    void choosesTheModeAndSaysWhy() throws Exception {
        run(context, """
                def result = syncTable('public.a') { from 'shore'; to 'ship'; mode auto; workers auto; batch auto }
                log.info result.reason()
                """);

        assertThat(context.log).singleElement().asString().hasSizeGreaterThan(10);
        assertThat(context.results.get(0).fields().get("mode")).isNotEqualTo("auto");
    }

    @Test
    void bringsAllTablesThatMatchButThoseLeftOut() throws Exception {
        run(context, """
                def result = syncTables('public.*') {
                    from 'shore'
                    to 'ship'
                    except 'public.scratch'
                    oneSnapshot true
                }
                log.info "${result.rowsWritten()} rows in ${result.results().size()} tables"
                """);

        assertThat(context.log).containsExactly("info 150 rows in 2 tables");
        assertThat(context.results)
                .extracting(VerbResult::verb, result -> result.fields().get("table"))
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple("syncTable", "public.a"),
                        org.assertj.core.groups.Tuple.tuple("syncTable", "public.b"));
        assertThat(fleet.value("ship", "select count(*) from scratch")).isEqualTo("0");
    }

    @Test
    void oneBadTableFailsTheStepAndTheOthersGoOn() {
        fleet.on("shore", "create table only_here (id int primary key)");

        assertThatThrownBy(() -> run(context, "syncTables(['public.a', 'public.only_*']) { from 'shore'; to 'ship' }"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("only_here");
        assertThat(context.results)
                .singleElement()
                .extracting(VerbResult::fields)
                .satisfies(fields -> assertThat(fields).containsEntry("table", "public.a"));
    }

    @Test
    void theBrakeIsAShareOrACount() throws Exception {
        run(context, "syncTable('public.a') { from 'shore'; to 'ship' }");
        fleet.on("shore", "delete from b; delete from a where id > 70");

        for (String brake : new String[] {"20.percent", "29"}) {
            assertThatThrownBy(() ->
                            run(context, "syncTable('public.a') { from 'shore'; to 'ship'; maxDeletes " + brake + " }"))
                    .isInstanceOf(OperatorException.class)
                    .satisfies(e -> assertThat(((OperatorException) e).hint()).contains("maxDeletes"));
            assertThat(fleet.value("ship", "select count(*) from a")).isEqualTo("100");
        }
        run(context, "syncTable('public.a') { from 'shore'; to 'ship'; maxDeletes 100.percent }");
        assertThat(fleet.value("ship", "select count(*) from a")).isEqualTo("70");
    }

    @Test
    void aDryRunSaysModeAndReasonAndChangesNothing() throws Exception {
        run(dry, """
                def result = syncTable('public.a') { from 'shore'; to 'ship' }
                log.info result.rowsWritten()
                log.info syncTables('public.*') { from 'shore'; to 'ship' }.results().size()
                """);

        assertThat(dry.plans).containsExactly("syncTable public.a  shore → ship", "syncTables public.*  shore → ship");
        assertThat(dry.notes).anySatisfy(note -> assertThat(note).contains("mode auto → "));
        assertThat(dry.log).containsExactly("info 0", "info 0");
        assertThat(fleet.value("ship", "select count(*) from a")).isEqualTo("0");
        assertThat(fleet.value("ship", "select count(*) from pg_namespace where nspname = 'watchkeeper'"))
                .isEqualTo("0");
    }

    @Test
    void streamsWhereThatIsAskedAndSaysHowTheStreamIs() throws Exception {
        TableStreamer streamer = new TableStreamer(fleet.shore(), fleet.ship(), Fleet.WORK);
        String code = "log.info syncTable('public.a') { from 'shore'; to 'ship'; mode stream }.reason()";
        run(dry, code);
        try {
            run(context, code);
            fleet.on("shore", "update a set name = 'streamed' where id = 1");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> fleet.value("ship", "select name from a where id = 1")
                            .equals("streamed"));
            run(context, code);
        } finally {
            streamer.end(TableName.parse("public.a"));
        }

        assertThat(dry.plans).containsExactly("syncTable public.a  shore → ship");
        assertThat(context.results.get(0).fields())
                .containsEntry("table", "public.a")
                .containsEntry("mode", "stream")
                .containsEntry("rowsWritten", 100L);
        assertThat(context.results.get(1).fields())
                .containsEntry("state", "streaming")
                .containsKeys("lagBytes", "retainedBytes", "slot");
        assertThat(context.log)
                .filteredOn(line -> line.startsWith("info "))
                .hasSize(2)
                .allMatch(line -> line.contains(" behind"));
    }

    @Test
    void streamsBringWholeTablesOneByOne() {
        assertThatThrownBy(() -> run(
                        context,
                        "syncTable('public.a') { from 'shore'; to 'ship'; mode stream; where 'id < 9'; columns 'id' }"))
                .hasMessageContaining("streams the whole of public.a");
        assertThatThrownBy(() -> run(context, "syncTables('public.*') { from 'shore'; to 'ship'; mode stream }"))
                .satisfies(e -> assertThat(((OperatorException) e).hint()).contains("provisionSubscription"));
    }

    @Test
    void modesThatGoByAColumnNeedOne() {
        assertThatThrownBy(() -> run(context, "syncTable('public.a') { from 'shore'; to 'ship'; mode timestamp }"))
                .hasMessage("mode timestamp needs a column to go by");
        assertThatThrownBy(() -> run(context, "syncTables('public.*') { from 'shore'; to 'shore' }"))
                .hasMessageContaining("the same as themselves");
        assertThatThrownBy(() -> run(context, "syncTable('public.a') { from 'shore'; to 'shore' }"))
                .hasMessageContaining("the same as itself");
        assertThatThrownBy(() -> run(
                        context,
                        "syncTable('public.a') { from 'shore'; to 'ship'; mode hybrid; proveEvery 0.minutes }"))
                .hasMessageContaining("'proveEvery' is ");
    }

    @Test
    void wrongWordsAreFoundWhenTheFileIsRead() {
        Map.of(
                        "syncTable('public.a') { from 'shore'; to 'ship'; mode fast }",
                        "auto, xmin, timestamp, hybrid, full",
                        "syncTable('public.a') { from 'shore'; to 'ship'; localEdits merge }",
                        "sourceWins, keep, fail",
                        "syncTable('public.a') { from 'shore' }",
                        "'to'",
                        "syncTable('public.a') { from 'shroe'; to 'ship' }",
                        "did you mean 'shore'?",
                        "syncTable('public.a') { from 'shore'; to 'ship'; maxDelete 3 }",
                        "did you mean 'maxDeletes'?",
                        "syncTables('public.*') { from 'shore'; to 'ship'; targetTable 'x' }",
                        "targetTable")
                .forEach((code, said) -> assertThat(Loading.problemsOfStep(code))
                        .as(code)
                        .singleElement()
                        .asString()
                        .contains(said));
    }
}
