package io.watchkeeper.schedule;

import static io.watchkeeper.runbook.Schedule.Missed.RUN_ALL;
import static io.watchkeeper.schedule.Schedules.every;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.engine.RunRequest;
import io.watchkeeper.engine.RunbookRunner;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.runbook.Schedule;
import io.watchkeeper.testing.FlakyLink;
import io.watchkeeper.testing.TestHost;
import io.watchkeeper.testing.TestServers;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Several agents of one cluster in one process, on a real database, with the real job store. */
@Execution(ExecutionMode.CONCURRENT)
class ClusterTest {

    private static final Duration SOON = Duration.ofSeconds(40);
    private static final Duration TAKE_OVER = Duration.ofSeconds(6);

    private final String database = TestServers.freshDatabase(TestServers.shore());
    private final List<Node> nodes = new ArrayList<>();

    /** An agent as far as its schedule goes. */
    private final class Node implements AutoCloseable {
        final RunbookRegistry registry = new RunbookRegistry();
        final RememberedTimes memory = new RememberedTimes();
        final RecordedRuns runs;
        final Cluster cluster;
        final RunbookScheduler scheduler;

        Node(String host, Clock clock, DatabaseSettings settings, Runbook... runbooks) {
            runs = new RecordedRuns(clock);
            cluster = new Cluster(new ClusterSettings(host, "1", settings, TAKE_OVER), clock);
            scheduler = new RunbookScheduler(registry, runs, memory, cluster, clock);
            registry.swap(Schedules.contents(runbooks));
            nodes.add(this);
            scheduler.start();
        }

        @Override
        public void close() {
            scheduler.close();
            cluster.close();
        }
    }

    @AfterEach
    void end() {
        nodes.forEach(Node::close);
        nodes.clear();
    }

    private Node node(String host, Runbook... runbooks) {
        return node(host, ShiftedClock.going("2026-05-04T10:00:00Z"), runbooks);
    }

    private Node node(String host, Clock clock, Runbook... runbooks) {
        return new Node(host, clock, settings(), runbooks);
    }

    private DatabaseSettings settings() {
        return TestServers.settings("shore", TestServers.shore(), database);
    }

    private static Runbook shared(String name, Schedule schedule) {
        return shared(name, schedule, Policy.Overlap.SKIP);
    }

    private static Runbook shared(String name, Schedule schedule, Policy.Overlap overlap) {
        Runbook host = Schedules.runbook(name, schedule);
        Policy usual = host.policy();
        Policy policy = new Policy(
                usual.timeout(), usual.attempts(), usual.backOff(), overlap, usual.locks(), Policy.Scope.CLUSTER);
        return new Runbook(
                name,
                "",
                "",
                host.roles(),
                schedule,
                policy,
                List.of(),
                List.of(),
                List.of(),
                null,
                null,
                host.location(),
                host.fingerprint());
    }

    private String ask(String sql) {
        return TestHost.ask(TestServers.shore(), database, sql);
    }

    private void awaitTrue(String condition) {
        await().atMost(SOON)
                .ignoreExceptions()
                .until(() -> ask("select " + condition).equals("t"));
    }

    private int asked(String runbook) {
        return nodes.stream().mapToInt(node -> node.runs.of(runbook).size()).sum();
    }

    @Test
    void threeAgentsDoEachFireTimeOnceWhateverTheirClocksSay() {
        Runbook tick = shared("tick", every(Duration.ofSeconds(1), RUN_ALL, null));
        node("a", ShiftedClock.going("2026-05-04T10:00:00Z"), tick);
        node("b", ShiftedClock.going("2026-05-04T10:04:00Z"), tick);
        node("c", ShiftedClock.going("2026-05-04T09:53:00Z"), tick);

        awaitTrue("count(*) >= 6 from watchkeeper.cluster_runs where state = 'succeeded'");
        nodes.forEach(node -> node.scheduler.close());
        awaitTrue("count(*) = 0 from watchkeeper.cluster_runs where state = 'running'");

        String done = ask("select count(*) from watchkeeper.cluster_runs");
        assertThat(asked("tick")).isEqualTo(Integer.parseInt(done));
        assertThat(ask("select count(*) - 1 = extract(epoch from max(fire_time) - min(fire_time))"
                        + " from watchkeeper.cluster_runs"))
                .as("no fire time is left out")
                .isEqualTo("t");
        assertThat(ask("select bool_and(started_at >= fire_time) from watchkeeper.cluster_runs"))
                .as("nothing is early")
                .isEqualTo("t");
    }

    @Test
    void agentsWhoseClocksDifferFromTheDatabasesSaySo() {
        Node right = node("a", Clock.systemUTC());
        Node behind = node("b", Clock.offset(Clock.systemUTC(), Duration.ofMinutes(-3)));

        await().atMost(SOON).until(() -> behind.cluster.clockWarning().isPresent());

        assertThat(behind.cluster.clockWarning().orElseThrow())
                .startsWith("this host's clock is ")
                .contains("behind that of database 'shore'");
        awaitTrue("count(*) = 2 from watchkeeper.cluster_agents");
        assertThat(right.cluster.clockWarning()).isEmpty();
    }

    @Test
    void aPauseHoldsOnAllAgentsAndNothingIsMadeUpAfterIt() {
        Runbook tick = shared("tick", every(Duration.ofSeconds(1), RUN_ALL, null));
        Node a = node("a", tick);
        Node b = node("b", tick);
        awaitTrue("count(*) >= 2 from watchkeeper.cluster_runs where state = 'succeeded'");

        a.scheduler.setPaused("tick", true);
        int before = asked("tick");
        await().atMost(SOON).until(() -> b.scheduler.isPaused("tick"));
        awaitTrue("count(*) = 0 from watchkeeper.quartz_triggers");
        int during = asked("tick");
        String pausedAt = ask("select last_fire_time from watchkeeper.cluster_schedules");
        b.scheduler.setPaused("tick", false);
        awaitTrue("max(fire_time) > '" + pausedAt + "'::timestamptz + interval '2 s' from watchkeeper.cluster_runs");

        assertThat(during - before).as("runs that had begun in that moment").isLessThanOrEqualTo(1);
        assertThat(a.memory.paused()).as("not this host's alone").isEmpty();
        assertThat(ask("select count(*) from watchkeeper.cluster_runs where trigger = 'catchUp'"))
                .isEqualTo("0");
    }

    @Test
    void whatNoAgentWasThereForIsMadeUpOnceByOneOfThem() {
        Runbook tick = shared("tick", every(Duration.ofSeconds(10), RUN_ALL, null));
        Node first = node("a", tick);
        awaitTrue("count(*) = 1 from watchkeeper.cluster_schedules");
        nodes.remove(first);
        first.close();
        TestServers.execute(
                TestServers.shore(),
                database,
                "update watchkeeper.cluster_schedules set last_fire_time = last_fire_time - interval '2 minutes';"
                        + " delete from watchkeeper.quartz_simple_triggers; delete from watchkeeper.quartz_triggers");

        node("b", tick);
        node("c", tick);

        awaitTrue("count(*) filter (where trigger = 'catchUp') >= 8 and count(*) filter (where state = 'due') = 0"
                + " and count(*) filter (where trigger = 'schedule' and state = 'succeeded') >= 1"
                + " from watchkeeper.cluster_runs");
        nodes.forEach(node -> node.scheduler.close());
        assertThat(asked("tick")).isEqualTo(Integer.parseInt(ask("select count(*) from watchkeeper.cluster_runs")));
    }

    @Test
    void aRunThatWouldOverlapOneOnAnotherAgentIsSkippedAndSaysWhere() {
        Runbook tick = shared("tick", every(Duration.ofSeconds(1)));
        Node a = node("a", tick);
        a.runs.endAtOnce = false;
        Node b = node("b", tick);
        b.runs.endAtOnce = false;

        awaitTrue("count(*) >= 2 from watchkeeper.cluster_runs where state = 'skipped'");

        assertThat(ask("select count(*) from watchkeeper.cluster_runs where state = 'running'"))
                .isEqualTo("1");
        String host = ask("select host from watchkeeper.cluster_runs where state = 'running'");
        assertThat(Stream.of(a, b)
                        .flatMap(node -> node.runs.of("tick").stream())
                        .filter(run -> run.skippedBecause() != null))
                .isNotEmpty()
                .allSatisfy(run -> assertThat(run.skippedBecause()).contains("is already running on " + host));
    }

    @Test
    void aRunWithOverlapQueueWaitsForTheOneOnAnotherAgent() {
        Runbook tick = shared("tick", every(Duration.ofSeconds(2)), Policy.Overlap.QUEUE);
        Node a = node("a", tick);
        a.runs.endAtOnce = false;
        awaitTrue("count(*) filter (where state = 'running') = 1 and count(*) filter (where state = 'due') >= 1"
                + " from watchkeeper.cluster_runs");
        assertThat(asked("tick")).isEqualTo(1);

        a.runs.endAtOnce = true;
        a.runs.endOldest(new RunRequest(tick, RunTrigger.SCHEDULE, Map.of(), false));

        awaitTrue("count(*) >= 3 from watchkeeper.cluster_runs where state = 'succeeded'");
        assertThat(ask("select count(*) from watchkeeper.cluster_runs where state = 'skipped'"))
                .isEqualTo("0");
    }

    @Test
    void aRunInABlackoutWindowOfTheDatabasesClockIsSkippedOnce() {
        Runbook tick = shared("tick", Schedules.with(every(Duration.ofSeconds(1)), Schedules.window("00:00", "00:00")));
        node("a", tick);
        node("b", tick);

        awaitTrue("count(*) >= 3 from watchkeeper.cluster_runs where state = 'skipped' and message like 'blackout: %'");
        nodes.forEach(node -> node.scheduler.close());
        assertThat(asked("tick")).isEqualTo(Integer.parseInt(ask("select count(*) from watchkeeper.cluster_runs")));
    }

    @Test
    void anAgentThatHasNotLoadedTheRunbookLeavesItToTheOthers() {
        node("a", shared("other", every(Duration.ofHours(1))));
        Node b = node("b", shared("tick", every(Duration.ofSeconds(1))));

        awaitTrue("count(*) >= 4 from watchkeeper.cluster_runs where runbook = 'tick' and state = 'succeeded'");
        assertThat(b.runs.of("tick")).hasSizeGreaterThanOrEqualTo(4);
    }

    @Test
    void anAgentThatRefusesARunLeavesItToTheOthers() {
        Runbook tick = shared("tick", every(Duration.ofSeconds(1), RUN_ALL, null));
        Node a = node("a", tick);
        a.runs.refuse = true;
        awaitTrue("count(*) >= 1 from watchkeeper.cluster_runs where state = 'interrupted'"
                + " and message = 'could not be started: the disk is full'");

        node("b", tick);

        awaitTrue(
                "count(*) >= 1 from watchkeeper.cluster_runs where attempts = 2 and state = 'succeeded' and host = 'b'");
    }

    @Test
    void aRunThatAnotherAgentHasTakenOverIsStoppedHere() {
        Runbook tick = shared("tick", every(Duration.ofHours(1), RUN_ALL, null));
        Node a = node("a", tick);
        a.runs.endAtOnce = false;
        String fireTime = dueNow("tick");
        awaitTrue("count(*) = 1 from watchkeeper.cluster_runs where state = 'running' and run_id is not null");

        a.runs.endAtOnce = true;
        // As the others do when the database's clock was set forward, or this agent's host has slept.
        try (DatabasePools pools = new DatabasePools(List.of(settings()))) {
            new ClusterRecords(pools.database("shore")).interruptSilent("b", Duration.ZERO);
        }

        await().atMost(SOON).until(() -> !a.runs.cancelled.isEmpty());
        assertThat(a.runs.cancelled.get(0)).contains("another agent has taken the run over");
        awaitTrue("attempts = 2 and state = 'succeeded' from watchkeeper.cluster_runs where fire_time = '" + fireTime
                + "'");
    }

    @Test
    void aSecondOfferOfARunThatGoesOnHereChangesNothing() {
        Runbook tick = shared("tick", every(Duration.ofHours(1), RUN_ALL, null));
        Node a = node("a", tick);
        a.runs.endAtOnce = false;
        Instant fireTime = Instant.parse(dueNow("tick"));
        awaitTrue("count(*) = 1 from watchkeeper.cluster_runs where state = 'running' and run_id is not null");

        offerAgain(new FireTime("tick", fireTime));
        awaitTrue("count(*) = 0 from watchkeeper.quartz_triggers where trigger_name = '" + fireTime + "'");
        String seen = ask("select seen_at from watchkeeper.cluster_agents");
        awaitTrue("seen_at > '" + seen + "'::timestamptz + interval '2 s' from watchkeeper.cluster_agents");
        assertThat(asked("tick")).isEqualTo(1);

        a.runs.endOldest(new RunRequest(tick, RunTrigger.SCHEDULE, Map.of(), false));
        awaitTrue("attempts = 1 and state = 'succeeded' from watchkeeper.cluster_runs");
    }

    /** Makes one fire time of the runbook due, as if the agents had waited for it. @return it */
    private String dueNow(String runbook) {
        awaitTrue("count(*) = 1 from watchkeeper.cluster_schedules");
        return ask("""
                with due as (
                  insert into watchkeeper.cluster_runs (runbook, fire_time, trigger, state)
                  values ('%s', date_trunc('second', now()), 'schedule', 'due') returning fire_time
                )
                select to_char(fire_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') from due
                """.formatted(runbook));
    }

    /** By an agent that has looked before the fire time was claimed, and arms it after that. */
    private void offerAgain(FireTime fire) {
        ClusterClock clock = new ClusterClock(System::nanoTime);
        clock.read(
                Instant.parse(ask("select to_char(now() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')")),
                System.nanoTime(),
                Clock.systemUTC());
        try (DatabasePools pools = new DatabasePools(List.of(settings()))) {
            ClusterTimer other = new ClusterTimer(
                    "other",
                    pools.database("shore"),
                    Duration.ofSeconds(1),
                    clock,
                    () -> false,
                    any -> false,
                    (time, late) -> {});
            other.arm(fire, clock.instant());
            other.stop();
        }
    }

    @Test
    void aRunThatIsCutOffByTheStopOfItsAgentIsBegunAgain() {
        Runbook tick = shared("tick", every(Duration.ofHours(1), RUN_ALL, null));
        Node stopped = node("a", tick);
        stopped.runs.endAtOnce = false;
        String fireTime = dueNow("tick");
        awaitTrue("count(*) = 1 from watchkeeper.cluster_runs where state = 'running' and run_id is not null");

        stopped.scheduler.close();
        stopped.runs.cancel("id", "cancelled by " + RunbookRunner.STOPPING);
        stopped.cluster.close();
        assertThat(ask("select state from watchkeeper.cluster_runs")).isEqualTo("interrupted");

        node("b", tick);
        awaitTrue(
                "attempts = 2 and host = 'b' and state = 'succeeded' from watchkeeper.cluster_runs where fire_time = '"
                        + fireTime + "'");
    }

    @Test
    void aRunThatAPersonHasCancelledIsNotBegunAgain() {
        Runbook tick = shared("tick", every(Duration.ofHours(1), RUN_ALL, null));
        Node a = node("a", tick);
        a.runs.endAtOnce = false;
        dueNow("tick");
        awaitTrue("count(*) = 1 from watchkeeper.cluster_runs where state = 'running' and run_id is not null");

        a.runs.cancel("id", "cancelled by ana");

        awaitTrue("state = 'cancelled' from watchkeeper.cluster_runs");
    }

    @Test
    void aRefusalThatCannotBeToldHoldsNothingUp() {
        Runbook tick = shared("tick", every(Duration.ofSeconds(1), RUN_ALL, null));
        try (FlakyLink link = FlakyLink.to(TestServers.shore())) {
            Node a = new Node("a", Clock.systemUTC(), link.settings("shore", database), tick);
            awaitTrue("count(*) >= 1 from watchkeeper.cluster_runs where state = 'succeeded'");
            a.runs.beforeRefusal = () -> {
                link.refuse(true);
                link.cut();
            };
            a.runs.refuse = true;
            await().atMost(SOON).until(() -> a.cluster.trouble().isPresent());

            a.runs.refuse = false;
            link.refuse(false);

            awaitTrue("count(*) >= 1 from watchkeeper.cluster_runs where attempts = 2 and state = 'succeeded'");
            end();
        }
    }

    @Test
    void anAgentThatIsCutOffStopsItsRunsBeforeAnotherTakesThemOver() {
        Runbook tick = shared("tick", every(Duration.ofSeconds(1), RUN_ALL, null));
        try (FlakyLink link = FlakyLink.to(TestServers.shore())) {
            Node cutOff = new Node("b", Clock.systemUTC(), link.settings("shore", database), tick);
            cutOff.runs.endAtOnce = false;
            awaitTrue("count(*) = 1 from watchkeeper.cluster_runs where state = 'running' and run_id is not null");
            String fireTime = ask("select fire_time from watchkeeper.cluster_runs where state = 'running'");
            Node other = node("a", tick);

            link.freeze();

            await().atMost(SOON).until(() -> !cutOff.runs.cancelled.isEmpty());
            assertThat(other.runs.of("tick"))
                    .as("runs while the one that is cut off was still at work")
                    .allSatisfy(run -> assertThat(run.skippedBecause()).isNotNull());
            awaitTrue(
                    "attempts = 2 and host = 'a' and state = 'succeeded' from watchkeeper.cluster_runs where fire_time = '"
                            + fireTime + "'");
            link.thaw();
            await().atMost(SOON)
                    .until(() -> cutOff.cluster.trouble().isEmpty()
                            && cutOff.cluster.members().stream().allMatch(ClusterMember::alive));
            assertThat(ask("select attempts || ' ' || state from watchkeeper.cluster_runs where fire_time = '"
                            + fireTime + "'"))
                    .as("who comes back late changes nothing")
                    .isEqualTo("2 succeeded");
            end();
        }
    }

    @Test
    void whileTheDatabaseIsAwayOnlyTheClustersRunbooksWait() {
        Runbook tick = shared("tick", every(Duration.ofSeconds(1), RUN_ALL, null));
        Runbook own = Schedules.runbook("own", every(Duration.ofSeconds(1)));
        try (FlakyLink link = FlakyLink.to(TestServers.shore())) {
            link.refuse(true);
            Node a = new Node("a", Clock.systemUTC(), link.settings("shore", database), tick, own);
            await().atMost(SOON).until(() -> a.cluster.trouble().isPresent());
            awaitOwn(a, 2);
            link.refuse(false);
            awaitTrue("count(*) >= 2 from watchkeeper.cluster_runs where state = 'succeeded'");

            link.refuse(true);
            link.cut();
            await().atMost(SOON).until(() -> a.cluster.trouble().isPresent());
            awaitOwn(a, a.runs.of("own").size() + 2);
            String last = ask("select max(fire_time) from watchkeeper.cluster_runs");
            link.refuse(false);

            awaitTrue("max(fire_time) > '" + last + "'::timestamptz + interval '3 s'"
                    + " and count(*) = extract(epoch from max(fire_time) - min(fire_time)) + 1"
                    + " and bool_and(state = 'succeeded') from watchkeeper.cluster_runs");
            end();
        }
    }

    private static void awaitOwn(Node node, int count) {
        await().atMost(SOON).until(() -> node.runs.of("own").size() >= count);
    }

    @Test
    void hostRunbooksAreNoneOfTheClustersBusiness() {
        Node a = node("a", Schedules.runbook("own", every(Duration.ofSeconds(1))));
        Node b = node("b", Schedules.runbook("own", every(Duration.ofSeconds(1))));

        await().atMost(SOON)
                .until(() -> a.runs.of("own").size() >= 2 && b.runs.of("own").size() >= 2);
        awaitTrue("count(*) = 0 from watchkeeper.cluster_runs");
        a.scheduler.setPaused("own", true);
        assertThat(b.scheduler.isPaused("own")).isFalse();
    }
}
