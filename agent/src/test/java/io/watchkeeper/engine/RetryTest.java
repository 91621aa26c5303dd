package io.watchkeeper.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.testing.TestServers;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is tried again, how often, and what is not. */
class RetryTest {

    private static final Duration SOON = Duration.ofMillis(20);

    @TempDir
    Path state;

    @Test
    void aStepWhoseConnectionWasCutIsTriedAgain() {
        try (TestHost host = new TestHost(state)) {
            host.execute("create sequence attempts");
            RunHandle handle =
                    host.start(TestRunbook.named("nightly").retry(3, SOON).step("work", context -> {
                        context.record(new VerbResult("execute", Map.of()));
                        TestRunbook.execute(context, "select case when nextval('attempts') = 1 then pg_sleep(60) end");
                    }));
            host.awaitStatement("pg_sleep");
            host.query(
                    "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep%' and pid <> pg_backend_pid() and datname = current_database()");

            RunOutcome run = TestHost.end(handle);
            assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
            assertThat(run.steps().get(0).attempts()).isEqualTo(2);
            assertThat(run.steps().get(0).results()).as("of the last attempt").hasSize(1);
            assertThat(host.events.logTexts())
                    .anyMatch(line -> line.startsWith("step 'work' failed (attempt 1 of 3), next attempt in "));
            host.assertNothingLeft();
        }
    }

    @Test
    void attemptsAreCountedAndTheLastFailureStands() {
        try (TestHost host = new TestHost(state)) {
            AtomicInteger attempts = new AtomicInteger();
            RunOutcome run =
                    host.run(TestRunbook.named("nightly").retry(3, SOON).step("work", context -> {
                        attempts.incrementAndGet();
                        TestRunbook.execute(
                                context, "do $$ begin raise exception 'stopping' using errcode = '57P01'; end $$");
                    }));

            assertThat(run.state()).isEqualTo(RunState.FAILED);
            assertThat(attempts).hasValue(3);
            assertThat(run.steps().get(0).attempts()).isEqualTo(3);
            assertThat(TestHost.error(run).sqlState()).isEqualTo("57P01");
            assertThat(TestHost.error(run).hint()).contains("'retry' in the policy");
        }
    }

    @Test
    void aSerializationFailureIsTriedAgain() {
        try (TestHost host = new TestHost(state)) {
            RunOutcome run = host.run(TestRunbook.named("nightly")
                    .retry(2, SOON)
                    .sql("work", "do $$ begin raise exception 'busy' using errcode = '40001'; end $$"));

            assertThat(run.steps().get(0).attempts()).isEqualTo(2);
            assertThat(TestHost.error(run).sqlState()).isEqualTo("40001");
        }
    }

    @Test
    void whatWillFailAgainIsNotTriedAgain() {
        try (TestHost host = new TestHost(state)) {
            for (TestRunbook runbook : List.of(
                    TestRunbook.named("syntax").sql("work", "selct 1"),
                    TestRunbook.named("check").step("work", context -> {
                        throw new OperatorException("5 is over the limit of 3", null);
                    }),
                    TestRunbook.named("bug").step("work", context -> {
                        throw new IllegalArgumentException("no");
                    }))) {
                RunOutcome run = host.run(runbook.retry(3, SOON));
                assertThat(run.state()).isEqualTo(RunState.FAILED);
                assertThat(run.steps().get(0).attempts()).isEqualTo(1);
            }
        }
    }

    @Test
    void aStepWhoseFailureIsCausedByTheLinkIsTriedAgain() {
        try (TestHost host = new TestHost(state)) {
            RunOutcome run =
                    host.run(TestRunbook.named("nightly").retry(2, SOON).step("work", context -> {
                        throw new OperatorException("copy broke off", null, new SQLException("gone", "08006"));
                    }));

            assertThat(run.steps().get(0).attempts()).isEqualTo(2);
            assertThat(TestHost.error(run).message()).isEqualTo("copy broke off");
            assertThat(TestHost.error(run).sqlState()).isEqualTo("08006");
        }
    }

    @Test
    void aServerThatIsDownIsAFailureUntilItIsUp() {
        try (LocalServer server = TestServers.own(Map.of());
                TestHost host = new TestHost(state, TestServers.settings("shore", server, "postgres"))) {
            server.stop();
            TestRunbook runbook = TestRunbook.named("nightly").sql("work", "create table if not exists t ()");
            RunOutcome down = host.run(runbook);
            assertThat(down.state()).isEqualTo(RunState.FAILED);
            assertThat(TestHost.error(down).message()).containsIgnoringCase("refused");
            assertThat(TestHost.error(down).hint()).contains("server runs");
            assertThat(TestHost.error(down).sqlState()).startsWith("08");

            RunHandle retried = host.start(runbook.retry(100, Duration.ofMillis(100)));
            host.awaitLog("next attempt in");
            server.start();
            assertThat(TestHost.end(retried).state()).isEqualTo(RunState.SUCCEEDED);
            assertThat(host.run(runbook).state()).isEqualTo(RunState.SUCCEEDED);
        }
    }

    @Test
    void pausesDoubleAndAreNeverEqualOnTwoHosts() {
        Policy policy = new Policy(Duration.ofHours(1), 5, Duration.ofSeconds(10), Policy.Overlap.SKIP, List.of());
        RetryPolicy middle = new RetryPolicy(policy, false, () -> 0.5);
        assertThat(List.of(middle.pause(1), middle.pause(2), middle.pause(3)))
                .containsExactly(Duration.ofSeconds(10), Duration.ofSeconds(20), Duration.ofSeconds(40));
        assertThat(new RetryPolicy(policy, false, () -> 0.0).pause(1)).isEqualTo(Duration.ofSeconds(8));
        assertThat(new RetryPolicy(policy, false, () -> 1.0).pause(1)).isEqualTo(Duration.ofSeconds(12));
        assertThat(middle.pause(1_000)).isPositive();
    }
}
