package io.watchkeeper.dsl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.TestServers;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The checks as they are written; what they find is tested where they look. */
class CheckVerbsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "connections('shore')",
                "connections('shore') { warn 70.percent; fail 90.percent; transactionWarn 5.minutes; transactionFail 1.hour }",
                "slowQueries('shore') { longerThan 1.second; meanWarn 200.milliseconds; except 'report*', 'x' }",
                "lockWaits('shore') { warn 10.seconds; fail 60.seconds; reportOnly true }",
                "checkpoints('shore') { warn 50.percent; leastCheckpoints 20; backendWrites 30.percent; slowSync 5.seconds }",
                "archiver('shore') { warn 2.minutes; fail 30.minutes }",
                "wraparound('shore') { warn 25.percent; fail 50.percent }",
                "sequences('shore') { warn 70.percent; fail 95.percent }",
                "databaseSizes('shore') { warn 60.days; fail 14.days; largest 500.gigabytes }",
                "diskSpace('shore') { warn 25.percent; fail 5.percent; fullWithin 1.day }",
                "tableStatistics('shore') { warn 10.percent; leastRows 1_000; changed 20.percent; largeTable 1.gigabytes; hot 30.percent }",
                "indexUsage('shore') { alsoAsk 'ship'; least 8.megabytes; over 30.days }",
                "cacheHitRatio('shore') { warn 95.percent; fail 80.percent; leastPages 1_000_000 }",
                "replicationConflicts('ship') { warn 10; fail 100; within 6.hours }",
                "if (lockWaits('shore').status == 'fail') log.warn 'look'",
                "def found = sequences('shore'); log.info \"${found.summary} ${found.status()} ${found.remedy.size()}\"",
                "connections('shore').evidence.each { log.info \"${it.state}\" }",
            })
    void loads(String code) {
        assertThat(Loading.problemsOfStep(code)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "connections('shroe')",
                "indexUsage('shore') { alsoAsk 'shp' }",
                "connections('shore') { warn 80 }",
                "lockWaits('shore') { wran 10.seconds }",
                "lockWaits('shore').stauts",
                "slowQueries('shore') { except 5 }",
            })
    void refusesWhatCannotBeMeant(String code) {
        assertThat(Loading.problemsOfStep(code)).isNotEmpty().allMatch(problem -> problem.startsWith("3:"));
    }

    @Test
    void allChecksOfAStepAreDoneAndTheStepFailsAtItsEnd() throws Exception {
        RecordingContext context = new RecordingContext(false);
        assertThatThrownBy(() -> run(context, """
                        connections('shore') { warn 0.percent; fail 0.percent }
                        log.info wraparound('shore') { warn 0.percent; fail 0.percent; reportOnly true }.status
                        lockWaits('shore')"""))
                .isInstanceOf(OperatorException.class)
                .hasMessageStartingWith("connections of database 'shore': ")
                .extracting(failure -> String.valueOf(((OperatorException) failure).hint()))
                .asString()
                .startsWith("SELECT pg_terminate_backend(pid)");
        assertThat(context.results)
                .extracting(result -> result.verb())
                .containsExactly("connections", "wraparound", "lockWaits");
        assertThat(context.log).contains("info fail").anyMatch(line -> line.startsWith("warn nearMaximum: "));
        assertThat(context.results.get(0).fields())
                .containsEntry("status", "fail")
                .containsKeys("summary", "findings");
    }

    @Test
    void aDryRunLooksToo() throws Exception {
        RecordingContext context = new RecordingContext(true);
        run(context, "connections('shore') { warn 0.percent; fail 0.percent }");
        assertThat(context.results.get(0).fields()).containsEntry("status", "fail");
    }

    @Test
    void standbyThatCannotBeOpenedIsAFindingAndNoIndexIsCalledUnused() throws Exception {
        RecordingContext context = new RecordingContext(false);
        DatabaseSettings gone =
                new DatabaseSettings("ship", "jdbc:postgresql://127.0.0.1:1/app", "postgres", null, 2, "shore", true);
        String shore = TestServers.freshDatabase(TestServers.shore());
        TestServers.execute(
                TestServers.shore(),
                shore,
                "create table t as select generate_series(1, 1000) as n; create index idle on t (n); analyze t");
        try (DatabasePools pools =
                new DatabasePools(List.of(TestServers.settings("shore", TestServers.shore(), shore), gone))) {
            pools.all().forEach(database -> context.databases.put(database.name(), database));
            runHere(context, "indexUsage('shore') { alsoAsk 'ship'; least 8.kilobytes; over 1.millisecond }");
        }
        assertThat(context.results.get(0).fields()).containsEntry("status", "warn");
        assertThat(String.valueOf(context.results.get(0).fields().get("findings")))
                .contains("unreachable", "database 'ship' cannot be asked")
                .doesNotContain("code=unused");
    }

    private static void run(RecordingContext context, String code) throws Exception {
        try (DatabasePools pools = TestServers.freshFleet()) {
            pools.all().forEach(database -> context.databases.put(database.name(), database));
            runHere(context, code);
        }
    }

    private static void runHere(RecordingContext context, String code) throws Exception {
        Loading.runbook("runbook('test') { step('s') {\n" + code + "\n} }")
                .steps()
                .get(0)
                .body()
                .run(context);
    }
}
