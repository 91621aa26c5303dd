package io.watchkeeper.dsl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.TestServers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The words about settings as they are written; what they find is tested where they find it. */
class SettingsVerbsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "settingsReview('shore')",
                "settingsReview('shore') { accept 'fsync', 'localTrust'; memory 8.gigabytes; reportOnly true }",
                "settingsReview('shore').remedy().each { log.info it }",
                "logErrors('shore')",
                "auditLog('shore')",
                "auditLog('shore') { file '/var/log/pg.log'; firstLook 7.days; atMost 1.megabytes; reportOnly true }",
                "logErrors('shore') { classes 'panic', 'deadlock'; ignore '23505', 'duplicate*key'; warn 10; fail 100 }",
                "logErrors('shore') { file '/var/log/pg.log'; firstLook 7.days; atMost 1.megabytes; reportOnly true }",
                "backupStatus('shore')",
                "backupStatus('shore') { warnOlderThan 2.hours; failOlderThan 1.days; drillWithin 31.days; reportOnly true }"
            })
    void loads(String code) {
        assertThat(Loading.problemsOfStep(code)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "settingsReview('shroe')",
                "settingsReview('shore') { memory 8 }",
                "settingsReview('shore') { acept 'fsync' }",
                "logErrors('shroe')",
                "auditLog('shroe')",
                "auditLog('shore') { classes 'panic' }",
                "logErrors('shore') { file 'pg.log' }",
                "logErrors('shore') { warn 1.hours }",
                "backupStatus('shore') { warnOlderThan 5 }"
            })
    void refusesWhatCannotBeMeant(String code) {
        assertThat(Loading.problemsOfStep(code)).isNotEmpty().allMatch(problem -> problem.startsWith("3:"));
    }

    @Test
    void reviewIsRecordedAndFailsTheStepAtItsEndUnlessItOnlyReports() throws Exception {
        RecordingContext context = new RecordingContext(false);
        assertThatThrownBy(() -> run(context, "settingsReview('shore'); log.info 'went on'"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("fsync is off");
        assertThat(context.log).contains("info went on");
        assertThat(context.results.get(0).fields())
                .containsEntry("status", "fail")
                .containsKeys("summary", "evidence", "remedy");

        run(new RecordingContext(false), "settingsReview('shore') { reportOnly true }");
        run(new RecordingContext(false), "settingsReview('shore') { accept 'fsync' }");
        run(new RecordingContext(true), "settingsReview('shore')");
    }

    @Test
    void findingThatThereIsNotIsSaidWithTheNearest() {
        assertThatThrownBy(() -> run(new RecordingContext(false), "settingsReview('shore') { accept 'fsnc' }"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("'fsnc', which is no kind of finding")
                .satisfies(e -> assertThat(((OperatorException) e).hint()).contains("did you mean 'fsync'?"));
    }

    @Test
    void backupsAreAskedForWithoutTheServer() throws Exception {
        RecordingContext context = new RecordingContext(false);
        run(context, "log.info backupStatus('shore').status()");
        assertThat(context.log).contains("info warn");
        assertThat(context.results.get(0).verb()).isEqualTo("backupStatus");
    }

    @ParameterizedTest
    @ValueSource(strings = {"classes 'dedlock'", "ignore '*'", "warn 0", "fail 0"})
    void whatALogHasNotIsSaidWhenItRuns(String words) {
        assertThatThrownBy(() -> run(new RecordingContext(true), "logErrors('shore') { " + words + " }"))
                .isInstanceOf(OperatorException.class);
    }

    @Test
    void logIsReadInADryRunWhichKeepsNothing() throws Exception {
        RecordingContext context = new RecordingContext(true);
        run(context, "logErrors('shore') { reportOnly true }");
        assertThat(context.results.get(0).fields())
                .containsEntry("subject", "log")
                .containsKey("summary");
    }

    private static void run(RecordingContext context, String code) throws Exception {
        try (DatabasePools pools = TestServers.freshFleet()) {
            context.databases.put("shore", pools.database("shore"));
            Loading.runbook("runbook('test') { step('s') { " + code + " } }")
                    .steps()
                    .get(0)
                    .body()
                    .run(context);
        }
    }
}
