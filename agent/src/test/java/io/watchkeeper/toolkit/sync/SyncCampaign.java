package io.watchkeeper.toolkit.sync;

import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.testing.RestlessWriters;
import io.watchkeeper.testing.SourceCluster;
import io.watchkeeper.testing.TestServers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A table that restless writers change without end, on servers that are killed, replaced and aged, is synced round after round by an
 * agent that is killed too; after every round the target is compared with the source, row by row.
 *
 * <p>A comparison is only fair inside the round's own snapshot. There are three ways to have it, and rounds use them in turn:
 *
 * <ul>
 *   <li>INSIDE (primary): the comparison's transaction exports its snapshot, the round reads in that snapshot, and so does the
 *       comparison, however much is committed meanwhile.
 *   <li>HELD (primary, standby): the writers' commits are held. Long, prepared and overflowing transactions stay open, and everything
 *       that is committed stands still, so every snapshot from the round's beginning to the comparison's end shows the same rows.
 *   <li>PAUSED (standby): replay is paused, so that what the standby shows stands still while the primary goes on. (A standby's
 *       snapshot must never be imported elsewhere, see sync.md.)
 * </ul>
 *
 * <p>Before some of these rounds there is one more that is not compared, with everything going on at once: commits, TRUNCATE, rewrites,
 * and {@code kill -9} of the agent or of a server. What such a round loses, the compared one after it shows: its watermark has moved.
 */
@SuppressWarnings("try") // A hold is not used but held.
final class SyncCampaign implements AutoCloseable {

    private static final int ROWS = 1500;
    private static final String DATABASE = "postgres";
    private static final String TABLE = "create table t (id bigint primary key, v bigint unique, n int, filler text)";
    private static final String FILL =
            "insert into t select nextval('ids'), nextval('vs'), 0, repeat('x', 50)" + " from generate_series(1, %d)";
    private static final String PRIMARY_KEY =
            "select indexrelid::regclass from pg_index where indrelid = 't'::regclass and indisprimary";

    /** The counter is moved to this many transactions before the border, which a few rounds use up. */
    private static final int BEFORE_BORDER = 150;

    private final Class<? extends RoundSyncer> syncer;
    private final Random random;
    private final CampaignScore score;
    private final SourceCluster source = new SourceCluster(Map.of("max_connections", "80"));
    private final LocalServer target = TestServers.own(Map.of());
    private CampaignAgent agent;
    private RestlessWriters writers;

    /** How a round gets a view that the comparison has too. */
    private enum View {
        INSIDE,
        HELD,
        PAUSED,
        HELD_STANDBY
    }

    /** What may befall a cluster only when nobody writes. */
    private interface Event {
        void happen() throws Exception;
    }

    SyncCampaign(Class<? extends RoundSyncer> syncer, long seed) {
        this.syncer = syncer;
        this.random = new Random(seed);
        this.score = new CampaignScore(syncer.getSimpleName() + " " + seed);
        onPrimary("create sequence ids start 1; create sequence vs start 1");
        onPrimary(TABLE);
        TestServers.execute(target, DATABASE, TABLE);
        onPrimary(FILL.formatted(ROWS));
        agent = new CampaignAgent(syncer);
        writers = write();
    }

    /** Plays so many rounds, with a move of the transaction counter, a failover and a switchover at even distances. */
    CampaignScore play(int rounds) throws Exception {
        Map<Integer, Event> plan = new TreeMap<>();
        plan.put(rounds / 5, () -> move(1L << 31));
        plan.put(rounds * 2 / 5, this::failOverWithLostCommits);
        plan.put(rounds * 3 / 5, () -> move(1L << 32));
        plan.put(rounds * 4 / 5, this::switchOver);
        return play(rounds, plan);
    }

    /** As {@link #play}, and the counter passes 2^32 on the way; for the short form. */
    CampaignScore playAcrossTheEpoch(int rounds) throws Exception {
        // At once, while there is no standby that would have to be made anew.
        return play(rounds, Map.of(0, () -> move(1L << 32)));
    }

    private CampaignScore play(int rounds, Map<Integer, Event> plan) throws Exception {
        for (int i = 0; i < rounds; i++) {
            Event event = plan.get(i);
            if (event != null) {
                writers.close();
                event.happen();
                writers = write();
            }
            between();
            if (random.nextInt(100) < 40) {
                roundThatIsNotCompared();
            }
            View view = List.of(View.values()).get(random.nextInt(View.values().length));
            round(i, view);
        }
        return score;
    }

    private RestlessWriters write() {
        DatabaseSettings login = TestServers.settings("shore", source.primary(), DATABASE);
        return new RestlessWriters(login, random.nextLong(), false);
    }

    private void move(long border) {
        score.happened("counter moved to 2^" + (63 - Long.numberOfLeadingZeros(border)));
        endPrepared();
        source.moveTransactionCounter(border - BEFORE_BORDER);
    }

    private void failOverWithLostCommits() throws Exception {
        score.happened("failover");
        source.cutReplication();
        // These are synced, and then they are lost.
        onPrimary(FILL.formatted(100));
        onPrimary("update t set n = n + 7 where id in (select id from t limit 100);"
                + " delete from t where id in (select id from t order by id desc limit 10)");
        compared("before the failover", View.HELD);
        source.failOver();
    }

    private void switchOver() {
        score.happened("switchover");
        source.switchOver();
    }

    private void between() throws Exception {
        pause(20 + random.nextInt(250));
        endPrepared();
        int what = random.nextInt(100);
        if (what < 45) {
            disturb(what);
        } else if (what < 60) {
            score.killedBetween++;
            kill(List.of("agent", "primary", "standby", "target").get(random.nextInt(4)));
        }
    }

    /** What an administrator does to a table. Whoever holds a lock for too long keeps it from happening, as in life. */
    private void disturb(int what) {
        String name;
        String sql;
        if (what < 8) {
            name = "truncate";
            sql = "truncate t; " + FILL.formatted(200 + random.nextInt(ROWS));
        } else if (what < 16) {
            name = "vacuum full";
            sql = "vacuum full t";
        } else if (what < 24) {
            name = "cluster";
            sql = "cluster t using " + text(PRIMARY_KEY);
        } else if (what < 34) {
            name = "vacuum freeze";
            sql = "vacuum freeze t";
        } else if (what < 40) {
            name = "swapped by name";
            sql = "begin; lock table t in access exclusive mode; create table t2 (like t including all);"
                    + " insert into t2 select * from t; drop table t; alter table t2 rename to t; commit";
        } else {
            name = "a third of the keys changed";
            sql = "update t set id = -id where id % 3 = 0";
        }
        try (Connection connection = TestServers.connect(source.primary(), DATABASE);
                Statement statement = connection.createStatement()) {
            statement.execute("set lock_timeout = '4s'");
            statement.execute(sql);
            score.happened(name);
        } catch (SQLException e) {
            score.happened(name + " in vain");
        }
    }

    /** What a killed server's writer left prepared would otherwise stay for ever. */
    private void endPrepared() {
        try (RestlessWriters.Hold held = writers.hold();
                Connection connection = TestServers.connect(source.primary(), DATABASE);
                Statement statement = connection.createStatement()) {
            List<String> old = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery(
                    "select gid from pg_prepared_xacts where prepared < clock_timestamp() - interval '2 s'")) {
                while (rows.next()) {
                    old.add(rows.getString(1));
                }
            }
            for (String gid : old) {
                statement.execute((random.nextBoolean() ? "commit" : "rollback") + " prepared '" + gid + "'");
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void roundThatIsNotCompared() throws Exception {
        boolean onStandby = random.nextInt(3) == 0;
        agent.tell(url(onStandby), target.url(DATABASE), null);
        int what = random.nextInt(4);
        if (what == 0) {
            disturb(random.nextInt(40));
        } else if (what < 3) {
            pause(random.nextInt(120));
            score.killedWithin++;
            kill(List.of("agent", "agent", onStandby ? "standby" : "primary", "target")
                    .get(random.nextInt(4)));
        }
        CampaignAgent.Answer answer = agent.answer();
        score.happened(answer.done() ? "rounds not compared" : "rounds not compared, without success");
        if (answer.told().equals("killed")) {
            agent.kill();
            agent = new CampaignAgent(syncer);
        }
    }

    private void kill(String victim) {
        score.happened("kill -9 of " + victim);
        switch (victim) {
            case "agent" -> {
                agent.kill();
                // Whoever waits for its answer starts the next one.
            }
            case "primary" -> killAndStart(source.primary());
            case "standby" -> killAndStart(source.standby());
            default -> killAndStart(target);
        }
    }

    private static void killAndStart(LocalServer server) {
        SourceCluster.kill(server);
        SourceCluster.startAgain(server);
    }

    private void round(int number, View view) throws Exception {
        String name = "round " + number + " " + view;
        switch (view) {
            case INSIDE -> compared(name, view);
            case HELD -> {
                try (RestlessWriters.Hold held = writers.hold()) {
                    compared(name, view);
                }
            }
            case HELD_STANDBY -> {
                try (RestlessWriters.Hold held = writers.hold()) {
                    source.awaitReplay();
                    compared(name, view);
                }
            }
            case PAUSED -> {
                source.awaitReplay();
                onStandby("select pg_wal_replay_pause()");
                try {
                    await().atMost(Duration.ofSeconds(30))
                            .pollInterval(Duration.ofMillis(5))
                            .until(() -> text(source.standby(), "select pg_get_wal_replay_pause_state()")
                                    .equals("paused"));
                    compared(name, view);
                } finally {
                    onStandby("select pg_wal_replay_resume()");
                }
            }
        }
    }

    private void compared(String name, View view) throws Exception {
        LocalServer server = view == View.PAUSED || view == View.HELD_STANDBY ? source.standby() : source.primary();
        try (Connection from = TestServers.connect(server, DATABASE);
                Connection to = TestServers.connect(target, DATABASE);
                Statement statement = from.createStatement()) {
            String snapshot = null;
            if (view == View.INSIDE) {
                from.setAutoCommit(false);
                statement.execute("set transaction isolation level repeatable read, read only;"
                        + " lock table t in access share mode");
                snapshot = text(statement, "select pg_export_snapshot()");
            }
            String way = succeed(name, server, snapshot);
            score.add(name, way, openTransactions(), TableComparison.of(from, to));
        }
    }

    /** A killed server's connections are found to be dead one by one, so that a round may fail; but not for long. */
    private String succeed(String name, LocalServer server, @Nullable String snapshot) throws Exception {
        List<String> told = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            agent.tell(server.url(DATABASE), target.url(DATABASE), snapshot);
            CampaignAgent.Answer answer = agent.answer();
            if (answer.done()) {
                return answer.told();
            }
            told.add(answer.told());
            if (answer.told().equals("killed")) {
                agent.kill();
                agent = new CampaignAgent(syncer);
            }
        }
        score.faults.add(name + " never succeeded: " + told);
        return "failed";
    }

    private int openTransactions() {
        return Integer.parseInt(
                text("select (select count(*) from pg_prepared_xacts) + (select count(*) from pg_stat_activity"
                        + " where backend_xid is not null)"));
    }

    private String url(boolean onStandby) {
        return (onStandby ? source.standby() : source.primary()).url(DATABASE);
    }

    private void onPrimary(String sql) {
        TestServers.execute(source.primary(), DATABASE, sql);
    }

    private void onStandby(String sql) {
        TestServers.execute(source.standby(), DATABASE, sql);
    }

    private String text(String sql) {
        return text(source.primary(), sql);
    }

    private static String text(LocalServer server, String sql) {
        try (Connection connection = TestServers.connect(server, DATABASE);
                Statement statement = connection.createStatement()) {
            return text(statement, sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    private static String text(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static void pause(long millis) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (System.nanoTime() - end < 0) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
    }

    @Override
    public void close() throws SQLException {
        try {
            writers.stop();
        } finally {
            agent.close();
            source.close();
            target.close();
            System.out.println(score);
        }
    }
}
