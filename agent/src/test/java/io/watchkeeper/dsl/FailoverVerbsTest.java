package io.watchkeeper.dsl;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.testing.TestServers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The words about failover as they are written; what they do is tested where they do it. */
class FailoverVerbsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "failoverCluster('shore')",
                "def found = failoverCluster('shore'); log.info found.leader()",
                "authenticationReview('shore')",
                "authenticationReview('shore') { accept 'localTrust', 'md5' }",
                "if (authenticationReview('shore').status() == 'warn') log.warn 'look'",
                "synchronousStandbys('shore')",
                "synchronousStandbys('shore') { set none }",
                "synchronousStandbys('shore') { set any(1, 'a', 'b'); within 5.seconds }",
                "synchronousStandbys('shore') { set first(2, 'a', 'b', 'c') }",
                "switchover('shore') { to 'ship' }",
                "switchover('shore') { to 'ship'; confirm 'shore→ship'; service 'postgresql@15-main'; repoint 'ship' }",
                "switchover('shore') { to 'ship'; maxLag 1.megabytes; within 2.minutes; rewind true; dropLogicalSlots true }",
                "log.info switchover('shore') { to 'ship'; back true; address '10.9.0.3:5432' }.state()"
            })
    void loads(String code) {
        assertThat(Loading.problemsOfStep(code)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "failoverCluster('shroe')",
                "authenticationReview('shore') { acept 'md5' }",
                "synchronousStandbys('shore') { set 'a' }",
                "synchronousStandbys('shore') { set any('a') }",
                "synchronousStandbys('shore') { within 5 }",
                "switchover('shore') { to 'shp' }",
                "switchover('shore') { too 'ship' }"
            })
    void refusesWhatCannotBeMeant(String code) {
        assertThat(Loading.problemsOfStep(code)).isNotEmpty().allMatch(problem -> problem.startsWith("3:"));
    }

    @Test
    void resultsLandInTheRun() throws Exception {
        RecordingContext context = new RecordingContext(false);
        try (DatabasePools pools = TestServers.freshFleet()) {
            context.databases.put("shore", pools.database("shore"));
            Loading.runbook("""
                            runbook('test') { step('s') {
                                log.info failoverCluster('shore').manager()
                                log.info authenticationReview('shore') { accept 'localTrust' }.status()
                                log.info synchronousStandbys('shore').status()
                            } }""").steps().get(0).body().run(context);
        }
        assertThat(context.log).contains("info shore: no failover manager", "info none", "info ok");
        assertThat(context.results)
                .extracting(result -> result.verb())
                .containsExactly("failoverCluster", "authenticationReview", "synchronousStandbys");
        assertThat(context.results.get(1).fields())
                .containsEntry("status", "ok")
                .containsKeys("evidence", "remedy");
    }
}
