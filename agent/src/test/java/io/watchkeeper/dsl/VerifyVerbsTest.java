package io.watchkeeper.dsl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.copy.Fleet;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code verifyTable} and {@code verifyTables} in a step, on real servers. */
class VerifyVerbsTest {

    @TempDir
    Path reports;

    private final Fleet fleet = new Fleet();
    private final RecordingContext context = new RecordingContext(false);
    private final RecordingContext dry = new RecordingContext(true);

    @BeforeEach
    void fill() {
        for (RecordingContext one : new RecordingContext[] {context, dry}) {
            one.databases.put("shore", fleet.shore());
            one.databases.put("ship", fleet.ship());
            one.reports = reports;
        }
        fleet.both("create table a (id int primary key, name text); create table b (id int primary key);"
                + " insert into a select i, 'n' || i from generate_series(1, 100) i; insert into b values (1)");
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

    private void plantDifferences() {
        fleet.on(
                "ship",
                "update a set name = 'wrong' where id = 7; delete from a where id = 8; insert into a values (999, 'ghost')");
    }

    @Test
    void tablesThatMatchGoOn() throws Exception {
        run(context, """
                def result = verifyTable('public.a') { from 'shore'; to 'ship' }
                log.info "${result.isMatch()} ${result.score()}"
                log.info verifyTables('public.*') { from 'shore'; to 'ship'; except 'public.b' }.results().size()
                """);

        assertThat(context.log).containsExactly("info true 1.0", "info 1");
        assertThat(context.results).hasSize(2).extracting(VerbResult::verb).containsOnly("verifyTable");
        assertThat(context.results.get(0).fields())
                .containsEntry("verified", true)
                .containsEntry("differences", 0L);
    }

    @Test
    void differencesFailTheStepAndNameTheKeys() {
        plantDifferences();

        assertThatThrownBy(
                        () -> run(context, "verifyTables('public.*') { from 'shore'; to 'ship'; patience 0.seconds }"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("public.a differs at ")
                .hasMessageContaining("3 rows")
                .satisfies(e -> assertThat(((OperatorException) e).hint()).contains("repair plan", reports.toString()));
        assertThat(context.results).hasSize(2);
        assertThat((List<?>) context.results.get(0).fields().get("differingKeys"))
                .hasSize(3);
        assertThat(reports.resolve("report.html")).content().contains("999");
        assertThat(reports.resolve("report.json")).content().contains("\"differences\" : 3");
    }

    @Test
    void theyAreOnlyAWarningWhereThatIsAsked() throws Exception {
        plantDifferences();

        run(context, "verifyTable('public.a') { from 'shore'; to 'ship'; patience 0.seconds; onMismatch report }");

        assertThat(context.log).singleElement().asString().startsWith("warn public.a differs at ");
    }

    @Test
    void repairPlanWritesTheStatementsDown() {
        plantDifferences();

        assertThatThrownBy(() -> run(
                        context,
                        "verifyTable('public.a') { from 'shore'; to 'ship'; patience 0.seconds; repair plan }"))
                .satisfies(e -> assertThat(((OperatorException) e).hint()).contains("repair apply"));

        List<?> statements = (List<?>) context.results.get(0).fields().get("repairSql");
        assertThat(statements).hasSizeGreaterThanOrEqualTo(3);
        assertThat(fleet.value("ship", "select count(*) from a where id = 999")).isEqualTo("1");
    }

    @Test
    void repairApplyMakesThemEqualAndGoesOn() throws Exception {
        plantDifferences();

        run(context, """
                def result = verifyTable('public.a') {
                    from 'shore'
                    to 'ship'
                    patience 0.seconds
                    repair apply
                    maxDeletes 1
                    rateLimit 2.megabytes
                }
                log.info "${result.found()} found, ${result.differences()} left"
                """);

        assertThat(context.log).containsExactly("info 3 found, 0 left");
        assertThat(fleet.rows("ship", "select * from a order by id"))
                .isEqualTo(fleet.rows("shore", "select * from a order by id"));
    }

    @Test
    void theBrakeOfARepairChangesNothing() {
        fleet.on("ship", "insert into a select i, 'ghost' from generate_series(1001, 1100) i");

        assertThatThrownBy(() -> run(
                        context,
                        "verifyTable('public.a') { from 'shore'; to 'ship'; patience 0.seconds; repair apply }"))
                .isInstanceOf(OperatorException.class);
        assertThat(fleet.value("ship", "select count(*) from a")).isEqualTo("200");
    }

    @Test
    void takesEveryOption() throws Exception {
        fleet.on("ship", "alter table a rename to a_here");

        run(context, """
                verifyTable('public.a') {
                    from 'shore'
                    to 'ship'
                    targetTable 'public.a_here'
                    by keys
                    sample 50.percent
                    repair none
                    onMismatch fail
                    where 'id < 90'
                    columns 'id'
                    key 'id'
                    patience 1.second
                    chunkTime 5.seconds
                    workers auto
                }
                verifyTables('public.b') { from 'shore'; to 'ship'; by count; workers 2 }
                """);

        assertThat(context.results.get(0).fields())
                .containsEntry("targetTable", "public.a_here")
                .containsEntry("mode", "keys");
        assertThat(context.results.get(1).fields()).containsEntry("mode", "count");
    }

    @Test
    void whatCouldNotBeComparedFailsTheStepAndStandsInTheReport() {
        fleet.on("shore", "create table only_here (id int primary key)");
        plantDifferences();

        assertThatThrownBy(
                        () -> run(context, "verifyTables('public.*') { from 'shore'; to 'ship'; onMismatch report }"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("only_here");
        assertThat(context.log).anySatisfy(line -> assertThat(line).startsWith("warn public.a differs"));
        assertThat(reports.resolve("report.html")).content().contains("only_here");
    }

    @Test
    void oneReportTellsOfAllVerificationsOfTheRun() throws Exception {
        run(context, """
                verifyTable('public.a') { from 'shore'; to 'ship' }
                verifyTable('public.b') { from 'shore'; to 'ship' }
                """);

        assertThat(reports.resolve("report.json")).content().contains("public.a", "public.b");
    }

    @Test
    void aDryRunChangesNothingAndWritesNothing() throws Exception {
        run(dry, """
                log.info verifyTable('public.a') { from 'shore'; to 'ship'; repair apply }.isMatch()
                log.info verifyTables('public.*') { from 'shore'; to 'ship' }.results().size()
                """);

        assertThat(dry.plans)
                .containsExactly("verifyTable public.a  shore → ship", "verifyTables public.*  shore → ship");
        assertThat(reports).isEmptyDirectory();
    }

    @Test
    void wrongWordsAreFoundWhenTheFileIsRead() {
        Map.of(
                        "verifyTable('public.a') { from 'shore'; to 'ship'; by hash }",
                        "checksum, count, keys",
                        "verifyTable('public.a') { from 'shore'; to 'ship'; repair yes }",
                        "none, plan, apply",
                        "verifyTable('public.a') { to 'ship' }",
                        "'from'",
                        "verifyTables('public.*') { from 'shore'; to 'ship'; onMissmatch report }",
                        "did you mean 'onMismatch'?")
                .forEach((code, said) -> assertThat(Loading.problemsOfStep(code))
                        .as(code)
                        .singleElement()
                        .asString()
                        .contains(said));
    }
}
