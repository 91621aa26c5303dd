package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.testing.RestlessWriters;
import io.watchkeeper.testing.TestServers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kills the agent's process, the source's server or the target's server at a random moment of a copy of a table that is being
 * written to, lets the copy go on, and compares every row. {@code -Dcampaign.seed=…} repeats a campaign's choices,
 * {@code -Dcampaign.rounds=…} sets its length.
 */
class CopyCampaignTest {

    private static final Logger LOG = LoggerFactory.getLogger(CopyCampaignTest.class);
    private static final int ROWS = 6000;
    private static final int BATCH = 200;
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(90);
    private static final String EVERY_ROW = "select id, v, n, md5(filler) from t order by id";
    private static final String MD5_OF_OLD = "149603e6c03516362a8da23f624db945";

    @TempDir
    Path home;

    private final LocalServer shore = TestServers.own(Map.of());
    private final LocalServer ship = TestServers.own(Map.of());
    private Fleet fleet;
    private int runbooks;
    private boolean watching;
    private boolean lastViewIsStill;

    /** What dies. */
    private enum Victim {
        AGENT,
        SOURCE,
        TARGET
    }

    /** When it dies. */
    private enum Moment {
        BEGIN,
        CHUNKS,
        CATCH_UP,
        VERIFY,
        COMMIT
    }

    /** One round's choices. */
    private record Round(long seed, Victim victim, Moment moment, String strategy, boolean pages, int workers) {

        static Round of(long seed) {
            Random random = new Random(seed);
            return new Round(
                    seed,
                    List.of(Victim.values()).get(random.nextInt(3)),
                    // Most of the time goes into the chunks.
                    random.nextInt(3) == 0
                            ? Moment.CHUNKS
                            : List.of(Moment.values()).get(random.nextInt(5)),
                    List.of("truncate", "merge", "swap").get(random.nextInt(3)),
                    random.nextInt(3) == 0,
                    random.nextBoolean() ? 1 : 3);
        }

        boolean merges() {
            return strategy.equals("merge");
        }

        /** Whether so much is left to be done after the kill that the writers may go on for a while. */
        boolean leavesMuch() {
            return moment == Moment.BEGIN || (moment == Moment.CHUNKS && chunksBefore() < ROWS / BATCH / 2);
        }

        int chunksBefore() {
            return new Random(seed ^ 1).nextInt(ROWS / BATCH);
        }
    }

    @BeforeEach
    void start() throws Exception {
        fleet = new Fleet(shore, ship);
        Files.createDirectories(home.resolve("runbooks"));
        Files.writeString(home.resolve("watchkeeper.yaml"), """
                host: { name: shore-1, role: primary }
                databases:
                  shore: { url: "%s", user: postgres }
                  ship: { url: "%s", user: postgres }
                runbooks: %s
                state: %s
                """.formatted(
                        fleet.login("shore").url(),
                        fleet.login("ship").url(),
                        home.resolve("runbooks"),
                        home.resolve("state")));
        fleet.on("shore", "create sequence ids start 100000; create sequence vs start 100000");
        makeTables(false);
        // Makes the ledger, which is watched from here on.
        try (Fleet other = fleet.loggingInAs("postgres", "postgres")) {
            other.copy(CopyPlan.of(TableName.parse("public.t")).with(o -> o.withResume(true)));
        }
        fleet.on("ship", """
                create table brought (copy_id bigint, number int, place text);
                create function note() returns trigger language plpgsql as
                $$ begin insert into brought values (new.copy_id, new.number, new.table_name || coalesce(new.begins::text, '')); return null; end $$;
                create trigger note after update of done_at on watchkeeper.copy_chunks for each row
                  when (new.done_at is not null) execute function note();
                alter table watchkeeper.copy_chunks enable always trigger note;
                create function linger() returns trigger language plpgsql as $$ begin perform pg_sleep(0.3); return null; end $$;
                create constraint trigger linger after delete on watchkeeper.copies deferrable initially deferred
                  for each row execute function linger();
                alter table watchkeeper.copies enable always trigger linger""");
        watching = true;
    }

    @AfterEach
    void stop() {
        fleet.close();
        shore.close();
        ship.close();
    }

    @Test
    void threeKillsLoseNoRow() throws Exception {
        play(new Round(1, Victim.AGENT, Moment.COMMIT, "truncate", false, 3));
        play(new Round(2, Victim.TARGET, Moment.CHUNKS, "merge", false, 1));
        play(new Round(3, Victim.SOURCE, Moment.CHUNKS, "swap", true, 3));
    }

    @Test
    @Tag("campaign")
    void noKillAtAnyMomentLosesARow() throws Exception {
        long seed = Long.getLong("campaign.seed", new Random().nextInt(1_000_000));
        int rounds = Integer.getInteger("campaign.rounds", 30);
        for (int i = 0; i < rounds; i++) {
            Round round = Round.of(seed + i);
            LOG.info("campaign {}: {}", seed, round);
            play(round);
        }
    }

    @Test
    @Tag("campaign")
    void twoAgentsAtOnceDoNotDoubleARow() throws Exception {
        Random random = new Random(Long.getLong("campaign.seed", new Random().nextInt(1_000_000)));
        for (int i = 0; i < 6; i++) {
            makeTables(false);
            String strategy = random.nextBoolean() ? "truncate" : "swap";
            String name = runbook(strategy, 1 + random.nextInt(3), 2);
            // Under a name of its own, because a host does not run one runbook twice at once.
            String other = runbook(strategy, 1 + random.nextInt(3), 2);
            RestlessWriters writers = new RestlessWriters(fleet.login("shore"), random.nextLong(), false);
            Agent first = new Agent(name);
            pause(random.nextInt(4000));
            writers.close();
            Agent second = new Agent(other);
            int firstStatus = first.statusAtItsEnd();
            int secondStatus = second.statusAtItsEnd();
            String told = first.output() + second.output();
            assertThat(firstStatus == 0 || secondStatus == 0).as(told).isTrue();
            if (firstStatus != 0 || secondStatus != 0) {
                assertThat(told).contains("is being filled by");
            }
            run("the last word", name);
            assertSame(false, told);
            assertNothingLeft(told);
        }
    }

    private void play(Round round) throws Exception {
        makeTables(round.merges());
        if (round.pages) {
            fleet.on(
                    "shore",
                    "create table s as select * from t order by md5(id::text); truncate t;"
                            + " insert into t select * from s; drop table s; analyze t");
        }
        String name = runbook(round.strategy, round.workers, 1);
        RestlessWriters writers =
                new RestlessWriters(fleet.login("shore"), round.seed, round.pages && round.leavesMuch());
        List<Agent> agents = new ArrayList<>();
        try {
            Agent first = new Agent(name);
            agents.add(first);
            boolean inTime = awaitMoment(round, first);
            List<String> before = kill(round, first, writers, inTime);
            finish(round, name, agents);
            String told = round + " killed " + (inTime ? "in time" : "too late") + "\n" + tell(agents);
            assertBroughtOnce(before, told);
            if (!inTime || !lastViewIsStill || (before.isEmpty() && first.statusAtItsEnd() == 0)) {
                // It had its last view while the writers were there.
                agents.add(run("after a kill that came too late", name));
            }
            assertSame(round.merges(), told);
            assertNothingLeft(told);
        } finally {
            agents.forEach(agent -> agent.process.destroyForcibly());
        }
    }

    /** @return what was on record after the kill: the copy, and how many of its chunks were in; empty where there is none */
    private List<String> kill(Round round, Agent agent, RestlessWriters writers, boolean inTime) throws Exception {
        Random random = new Random(round.seed ^ 2);
        boolean goOn = inTime && round.leavesMuch();
        switch (round.victim) {
            case AGENT -> agent.process.destroyForcibly().waitFor();
            case SOURCE -> {
                shore.crash();
                if (!goOn) {
                    writers.stop();
                }
                shore.start();
            }
            case TARGET -> {
                ship.crash();
                if (!goOn) {
                    writers.close();
                }
                ship.start();
            }
        }
        if (round.victim == Victim.AGENT) {
            // A commit that was on its way still comes to its end.
            await().atMost(20, TimeUnit.SECONDS)
                    .until(() -> fleet.rows("ship", "select 1 from pg_locks where locktype = 'advisory'")
                            .isEmpty());
        }
        List<String> before = fleet.rows("ship", "select id from watchkeeper.copies");
        if (goOn) {
            pause(random.nextInt(500));
        }
        writers.close();
        // Whoever goes on by itself must not have had its last view while there were writers.
        lastViewIsStill = round.victim == Victim.AGENT
                || (round.victim == Victim.TARGET && !goOn)
                || !fleet.rows("ship", "select 1 from watchkeeper.copy_chunks where done_at is null")
                        .isEmpty();
        return before;
    }

    private void finish(Round round, String name, List<Agent> agents) throws Exception {
        for (int i = 0; i < 12; i++) {
            Agent last = agents.get(agents.size() - 1);
            if (last.statusAtItsEnd() == 0) {
                return;
            }
            agents.add(new Agent(name));
        }
        fail(round + " never succeeded\n" + tell(agents));
    }

    private static String tell(List<Agent> agents) {
        StringBuilder text = new StringBuilder();
        agents.forEach(
                agent -> text.append("--- ").append(agent.status()).append('\n').append(agent.output()));
        return text.toString();
    }

    /** @return false when the agent ended before */
    private boolean awaitMoment(Round round, Agent agent) throws SQLException {
        Random random = new Random(round.seed ^ 3);
        String activity = "select 1 from pg_stat_activity where datname = current_database() and state = 'active' and ";
        String sign = switch (round.moment) {
            case BEGIN ->
                "select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
            case CHUNKS ->
                "select 1 from watchkeeper.copy_chunks where done_at is not null having count(*) > "
                        + round.chunksBefore();
            case CATCH_UP ->
                activity + "query ~ 'watchkeeper_(changed|merge)' and pid in (select pid from pg_locks"
                        + " where locktype = 'advisory')";
            case VERIFY -> activity + "query ~ '^ *SELECT count.*hashtextextended'";
            case COMMIT ->
                activity + "upper(query) ~ '^COMMIT' and pid in (select pid from pg_locks where locktype = 'advisory')";
        };
        long end = System.nanoTime() + PATIENCE;
        try (Connection connection = TestServers.connect(fleet.login("ship"));
                Statement statement = connection.createStatement()) {
            while (agent.process.isAlive() && System.nanoTime() - end < 0) {
                try (ResultSet rows = statement.executeQuery(sign)) {
                    if (rows.next()) {
                        pause(random.nextInt(round.moment == Moment.CHUNKS ? 200 : 20));
                        return agent.process.isAlive();
                    }
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
        }
        return false;
    }

    private void assertSame(boolean merged, String told) {
        List<String> here = fleet.rows("shore", EVERY_ROW);
        List<String> there = fleet.rows("ship", EVERY_ROW);
        if (merged) {
            // What was deleted at the source stays; only the target's own rows are surely still there.
            assertThat(there).as(told).containsAll(here).contains("-1|-1|0|" + MD5_OF_OLD, "-2|-2|0|" + MD5_OF_OLD);
            assertThat(fleet.rows("ship", "select id from t group by id having count(*) > 1"))
                    .isEmpty();
        } else {
            assertThat(there).as(told).isEqualTo(here);
        }
    }

    /** What was in before the kill is not brought again, unless the copy had to begin again for a reason. */
    private void assertBroughtOnce(List<String> before, String told) {
        assertThat(fleet.rows("ship", "select copy_id, place from brought group by 1, 2 having count(*) > 1"))
                .as(told)
                .isEmpty();
        if (!before.isEmpty() && !told.contains("began again")) {
            assertThat(fleet.rows("ship", "select distinct copy_id from brought where copy_id > " + before.get(0)))
                    .as(told)
                    .isEmpty();
        }
    }

    private void assertNothingLeft(String told) {
        Map<String, String> left = new HashMap<>();
        left.put("copies", "select id::text from watchkeeper.copies");
        left.put("chunks", "select number::text from watchkeeper.copy_chunks");
        left.put(
                "temporary tables, stand-ins",
                "select relname from pg_class where relpersistence = 't' or relname like 'watchkeeper%'");
        left.put(
                "sessions",
                "select query from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
        left.put("advisory locks", "select pid::text from pg_locks where locktype = 'advisory'");
        left.put("prepared transactions", "select gid from pg_prepared_xacts");
        left.put("slots", "select slot_name from pg_replication_slots");
        left.put("settings", "select relname from pg_class where relname = 't' and reloptions is not null");
        left.put("triggers", "select tgname from pg_trigger where tgenabled not in ('O', 'A')");
        left.put("settings of roles and databases", "select setconfig::text from pg_db_role_setting");
        left.forEach((what, query) -> {
            for (String side : List.of("shore", "ship")) {
                if (side.equals("ship") || !query.contains("watchkeeper.")) {
                    // A server takes a moment to see that the other end is gone.
                    await().atMost(20, TimeUnit.SECONDS)
                            .untilAsserted(() -> assertThat(fleet.rows(side, query))
                                    .as(what + " on " + side + "\n" + told)
                                    .isEmpty());
                }
            }
        });
    }

    private void makeTables(boolean merge) {
        String ddl =
                "drop table if exists t; create table t (id bigint primary key, v bigint %s, n int not null, filler text)";
        fleet.on("shore", ddl.formatted("unique"));
        // Values that were deleted at the source are still in the way of new ones in a merge's target.
        fleet.on("ship", ddl.formatted(merge ? "" : "unique"));
        fleet.on(
                "shore",
                "insert into t select i, i, 0, repeat('x', 200) from generate_series(1, " + ROWS + ") i; analyze t");
        fleet.on("ship", "insert into t values (-1, -1, 0, 'old'), (-2, -2, 0, 'old'), (7, 70, 0, 'old')");
        if (watching) {
            fleet.on("ship", "truncate brought");
        }
    }

    /** @return its name */
    private String runbook(String strategy, int workers, int megabytes) throws IOException {
        String name = "campaign-" + ++runbooks;
        Files.writeString(home.resolve("runbooks/" + name + ".groovy"), """
                runbook('%s') {
                    step('copy') {
                        copyTable('public.t') {
                            from 'shore'
                            to 'ship'
                            strategy %s
                            resume true
                            workers %d
                            batch %d
                            %s
                        }
                    }
                }
                """.formatted(
                        name, strategy, workers, BATCH, megabytes == 0 ? "" : "rateLimit " + megabytes + ".megabytes"));
        return name;
    }

    private Agent run(String why, String name) throws Exception {
        Agent agent = new Agent(name);
        assertThat(agent.statusAtItsEnd()).as(why + ": " + agent.output()).isZero();
        return agent;
    }

    private static void pause(long millis) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (System.nanoTime() - end < 0) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
    }

    /** The agent's program in a process of its own, at one run of a runbook. */
    private final class Agent {
        final Process process;
        private final Path log;

        Agent(String runbook) throws IOException {
            log = Files.createTempFile(home, "agent", ".log");
            ProcessBuilder builder = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "--enable-native-access=ALL-UNNAMED",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            "io.watchkeeper.AgentMain",
                            "run",
                            runbook)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            builder.environment()
                    .put("WATCHKEEPER_CONFIG", home.resolve("watchkeeper.yaml").toString());
            process = builder.start();
        }

        int statusAtItsEnd() throws InterruptedException {
            if (!process.waitFor(PATIENCE, TimeUnit.NANOSECONDS)) {
                process.destroyForcibly().waitFor();
                fail("the agent hangs: " + output());
            }
            return process.exitValue();
        }

        String status() {
            return Optional.of(process)
                    .filter(p -> !p.isAlive())
                    .map(p -> "status " + p.exitValue())
                    .orElse("running");
        }

        String output() {
            try {
                return Files.readString(log);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
