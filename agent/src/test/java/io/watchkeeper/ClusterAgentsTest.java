package io.watchkeeper;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.testing.TestHost;
import io.watchkeeper.testing.TestServers;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Agents as processes of their own that share one database, and kill -9 of the one that runs. */
class ClusterAgentsTest {

    private static final String EACH_SECOND = """
            runbook('each') {
              policy { scope cluster; overlap queue }
              schedule { every 1.second; missed runAll }
              step('do it') { execute 'shore', "insert into done (host) values ('%s')" }
            }
            """;

    /** Waits before it does anything, so that whoever is killed has begun and done nothing. */
    private static final String SLOW = """
            runbook('slow') {
              policy { scope cluster; overlap queue }
              schedule { every 4.seconds; missed runAll }
              step('do it') {
                query 'shore', 'select pg_sleep(2)'
                execute 'shore', "insert into done (host) values ('%s')"
              }
            }
            """;

    @TempDir
    Path home;

    private TestHost one;
    private TestHost two;
    private final List<Process> agents = new ArrayList<>();

    @BeforeEach
    void makeHosts() throws Exception {
        one = new TestHost(Files.createDirectory(home.resolve("one")));
        two = one.beside(Files.createDirectory(home.resolve("two")), "shore-2");
        for (TestHost host : List.of(one, two)) {
            host.writeConfig("cluster: { database: shore, takeOver: 6s }\n");
        }
        one.onShore("create table done (host text, at timestamptz default clock_timestamp())");
    }

    @AfterEach
    void end() throws InterruptedException {
        for (Process agent : agents) {
            agent.destroyForcibly().waitFor();
        }
    }

    private Process start(TestHost host) {
        Process agent = host.spawn("agent");
        agents.add(agent);
        return agent;
    }

    private static ConditionFactory soon() {
        return Awaitility.await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(200));
    }

    private String ask(String sql) {
        return TestHost.ask(TestServers.shore(), one.shoreDatabase(), sql);
    }

    private boolean isTrue(String sql) {
        return ask("select to_regclass('watchkeeper.cluster_runs') is not null").equals("t")
                && ask("select " + sql).equals("t");
    }

    private static String get(TestHost host, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(host.address() + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    void theOneThatIsLeftTakesOverWhatTheKilledOneHadBegunAndEachFireTimeIsDoneOnce() throws Exception {
        one.runbook("slow.groovy", SLOW.formatted("shore-1"));
        two.runbook("slow.groovy", SLOW.formatted("shore-2"));
        Process first = start(one);
        Process second = start(two);
        soon().until(() -> isTrue("count(*) = 2 from watchkeeper.cluster_agents"));
        soon().until(() -> isTrue("count(*) >= 1 from watchkeeper.cluster_runs where state = 'succeeded'"));
        soon().until(() ->
                isTrue("count(*) = 1 from watchkeeper.cluster_runs where state = 'running' and run_id is not null"
                        + " and started_at > clock_timestamp() - interval '1 s'"));
        String cut = ask("select fire_time || ' ' || host from watchkeeper.cluster_runs where state = 'running'");
        String fireTime = cut.substring(0, cut.lastIndexOf(' '));
        String host = cut.substring(cut.lastIndexOf(' ') + 1);

        (host.equals("shore-1") ? first : second).destroyForcibly();

        soon().until(() -> isTrue("state = 'succeeded' and attempts = 2 and host <> '" + host
                + "' from watchkeeper.cluster_runs where fire_time = '" + fireTime + "'"));
        soon().until(() ->
                isTrue("count(*) >= 3 from watchkeeper.cluster_runs where state = 'succeeded' and attempts = 1"));
        soon().untilAsserted(() -> assertThat(ask("""
                select string_agg(fire_time::time(0) || ' ' || state || coalesce(' ' || message, ''), ', ' order by fire_time)
                from watchkeeper.cluster_runs
                where fire_time <= (select fire_time from watchkeeper.cluster_runs where fire_time > '%s'
                                    order by fire_time offset 2 limit 1)
                having count(*) filter (where state = 'succeeded')
                       is distinct from extract(epoch from max(fire_time) - min(fire_time)) / 4 + 1
                union all select 'all succeeded' limit 1
                """.formatted(fireTime))).isEqualTo("all succeeded"));
        TestHost left = host.equals("shore-1") ? two : one;
        String survivor = host.equals("shore-1") ? "shore-2" : "shore-1";
        assertThat(left.call("history", "slow", "--cluster").out()).contains(survivor, "succeeded");
        assertThat(get(left, "/v1/cluster")).contains("\"alive\":true", "\"alive\":false");
        assertThat(get(left, "/runbooks/slow")).contains("On all agents of the cluster", survivor);
        assertThat(ask("select (select count(*) from done) - (select count(*) from watchkeeper.cluster_runs"
                        + " where state = 'succeeded')"))
                .as("rows done beyond what succeeded, of which one may be under way")
                .isIn("0", "1");
    }

    /** The next agent to be killed is the one that has run last; it comes back while the others go on. */
    @Test
    @Tag("campaign")
    void threeAgentsDoTwoHundredFireTimesOnceEachWhileTheOneThatRunsIsKilledAgainAndAgain() throws Exception {
        TestHost three = one.beside(Files.createDirectory(home.resolve("three")), "shore-3");
        three.writeConfig("cluster: { database: shore, takeOver: 6s }\n");
        Map<String, TestHost> hosts = Map.of("shore-1", one, "shore-2", two, "shore-3", three);
        Map<String, Process> running = new HashMap<>();
        hosts.forEach((name, host) -> {
            host.runbook("each.groovy", EACH_SECOND.formatted(name));
            running.put(name, start(host));
        });
        soon().until(() -> isTrue("count(*) >= 5 from watchkeeper.cluster_runs where state = 'succeeded'"));

        for (int kills = 0; kills < 8; kills++) {
            long before =
                    Long.parseLong(ask("select count(*) from watchkeeper.cluster_runs where state = 'succeeded'"));
            String last = ask("select host from watchkeeper.cluster_runs where host is not null"
                    + " order by started_at desc limit 1");
            Objects.requireNonNull(running.get(last)).destroyForcibly().waitFor();
            soon().until(() -> isTrue(
                    "count(*) >= " + (before + 25) + " from watchkeeper.cluster_runs where state = 'succeeded'"));
            running.put(last, start(Objects.requireNonNull(hosts.get(last))));
        }

        soon().until(
                        () -> isTrue(
                                "count(*) filter (where state = 'succeeded') >= 200"
                                        + " and bool_and(state = 'succeeded' or fire_time > clock_timestamp() - interval '10 s')"
                                        + " and count(*) = extract(epoch from max(fire_time) - min(fire_time)) + 1 from watchkeeper.cluster_runs"));
        agents.forEach(Process::destroyForcibly);
        for (Process agent : agents) {
            agent.waitFor();
        }
        long done = Long.parseLong(ask("select count(*) from done"));
        long fires = Long.parseLong(ask("select count(*) from watchkeeper.cluster_runs where state = 'succeeded'"));
        long takenOver = Long.parseLong(ask("select count(*) from watchkeeper.cluster_runs where attempts > 1"));
        assertThat(done)
                .as("a run that was killed after its statement and before its end is done again")
                .isBetween(fires, fires + takenOver + 1);
    }

    @Test
    void anAgentStartsAndGoesOnWithItsOwnRunbooksWhileTheClustersDatabaseIsAway() throws Exception {
        one.runbook("each.groovy", EACH_SECOND.formatted("shore-1"));
        one.runbook(
                "own.groovy",
                "runbook('own') { schedule { every 1.second }; step('x') { query 'ship', 'select 1' } }\n");
        String config = Files.readString(one.config());
        Files.writeString(
                one.config(),
                config.replace("cluster: { database: shore", "cluster: { database: away")
                        .replace(
                                "databases:\n",
                                "databases:\n  away: { url: \"jdbc:postgresql://127.0.0.1:1/none\", user: postgres }\n"));

        Process agent = start(one);

        soon().until(() -> one.call("history", "own", "--json").out().contains("\"succeeded\""));
        assertThat(agent.isAlive()).isTrue();
        assertThat(one.spawnedOutput()).contains("the cluster's database 'away' cannot be used");
        assertThat(Objects.requireNonNull(one.call("pause", "each").err())).contains("belongs to the cluster");
    }
}
