package io.watchkeeper.testing;

import io.watchkeeper.postgres.DatabaseSettings;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Sessions that change table {@code t (id bigint primary key, v bigint unique, n int, filler text)} in every way PostgreSQL knows,
 * until they are closed. A server that is away is waited for; what is left prepared is committed at the end.
 *
 * <p>Their commits can be {@linkplain #hold held}: transactions stay open and prepared meanwhile, but what others see stands still.
 */
public final class RestlessWriters implements AutoCloseable {

    /** Deadlocks, lock waits and unique values that were taken are everyday life of a writer; so is a server that is away. */
    private static final Set<String> EVERYDAY = Set.of("40P01", "55P03", "23505", "57014", "25P02", "42710", "42704");

    private final DatabaseSettings login;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<SQLException> unexpected = new AtomicReference<>();

    /** Whoever commits holds it for reading; fair, or a stream of quick commits would keep a hold waiting. */
    private final ReadWriteLock commits = new ReentrantReadWriteLock(true);

    /** While it is open, no writer commits. Closed by the thread that opened it. */
    public interface Hold extends AutoCloseable {
        @Override
        void close();
    }

    /** One transaction or a few. */
    private interface Writing {
        void write(Statement statement, Random random) throws Exception;
    }

    /** @param rewrites whether the table is rewritten once on the way */
    public RestlessWriters(DatabaseSettings login, long seed, boolean rewrites) {
        this.login = login;
        start("quick", seed + 1, this::writeQuickly);
        start("late", seed + 2, this::commitLate);
        start("prepared", seed + 3, this::prepare);
        if (rewrites) {
            start("rewriting", seed + 4, this::rewriteOnce);
        }
    }

    private void start(String name, long seed, Writing writing) {
        Thread thread = new Thread(() -> run(writing, new Random(seed)), "writer " + name);
        threads.add(thread);
        thread.start();
    }

    private void run(Writing writing, Random random) {
        while (!isStopped(0)) {
            try (Connection connection = TestServers.connect(login);
                    Statement statement = connection.createStatement()) {
                statement.execute("set lock_timeout = '500ms'");
                while (!isStopped(0)) {
                    try {
                        writing.write(statement, random);
                    } catch (SQLException e) {
                        if (!EVERYDAY.contains(String.valueOf(e.getSQLState()))) {
                            throw e;
                        }
                        statement.execute("rollback");
                    }
                }
                statement.execute("rollback");
            } catch (SQLException e) {
                String state = String.valueOf(e.getSQLState());
                if (!state.startsWith("08") && !state.startsWith("57")) {
                    unexpected.compareAndSet(null, e);
                    return;
                }
                isStopped(50);
            } catch (Exception e) {
                unexpected.compareAndSet(null, new SQLException(e));
                return;
            }
        }
    }

    private boolean isStopped(long millis) {
        try {
            return stopped.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** Waits for the commits that are on their way. */
    public Hold hold() {
        commits.writeLock().lock();
        return commits.writeLock()::unlock;
    }

    private void commit(Statement statement, String sql) throws SQLException {
        commits.readLock().lock();
        try {
            statement.execute(sql);
        } finally {
            commits.readLock().unlock();
        }
    }

    private void writeQuickly(Statement statement, Random random) throws SQLException {
        String some = "(select id from t tablesample bernoulli (1) limit " + (1 + random.nextInt(5)) + ")";
        String sql = switch (random.nextInt(9)) {
            case 0 ->
                "insert into t select nextval('ids'), nextval('vs'), 0, repeat('n', 200) from generate_series(1, 5)";
            case 1 -> "update t set n = n + 1 where id in " + some;
            case 2 -> "update t set v = nextval('vs') where id in " + some;
            case 3 -> "update t set v = null, filler = repeat('ä', 90) where id in " + some;
            case 4 -> "update t set id = nextval('ids') where id in " + some;
            case 5 -> "delete from t where id in " + some;
            case 6 -> exchange();
            case 7 -> subtransactions(some, random);
            default ->
                "begin; delete from t where id in " + some + "; update t set v = nextval('vs') where id in " + some
                        + "; rollback";
        };
        commit(statement, sql);
        isStopped(random.nextInt(15));
    }

    /** Two rows give each other their unique values. */
    private static String exchange() {
        return """
                do $$
                declare a t; b t;
                begin
                  select * into a from t tablesample bernoulli (5) where v is not null limit 1;
                  select * into b from t where v > a.v order by v limit 1;
                  if a.id is not null and b.id is not null then
                    update t set v = null where id = a.id;
                    update t set v = a.v where id = b.id;
                    update t set v = b.v where id = a.id;
                  end if;
                end $$""";
    }

    /** More than a snapshot can list, now and then. */
    private static String subtransactions(String some, Random random) {
        StringBuilder sql = new StringBuilder("begin; ");
        int many = random.nextInt(4) == 0 ? 70 : 3;
        for (int i = 0; i < many; i++) {
            sql.append("savepoint s; update t set n = n + 10 where id in ")
                    .append(some)
                    .append("; ");
            sql.append(random.nextInt(4) == 0 ? "rollback to s; " : "release s; ");
        }
        return sql.append("commit").toString();
    }

    private void commitLate(Statement statement, Random random) throws SQLException {
        statement.execute(
                "begin; update t set n = n + 100 where id in (select id from t tablesample bernoulli (1) limit 20);"
                        + " insert into t values (nextval('ids'), nextval('vs'), 1, 'late')");
        isStopped(300 + random.nextInt(1500));
        commit(
                statement,
                "savepoint s; update t set v = nextval('vs') where id = (select max(id) from t); release s; commit");
    }

    private void prepare(Statement statement, Random random) throws SQLException {
        String name = "campaign " + random.nextLong();
        statement.execute(
                "begin; update t set n = n + 1000 where id in (select id from t tablesample bernoulli (1) limit 3);"
                        + " delete from t where id = (select min(id) from t where n > 0); prepare transaction '" + name
                        + "'");
        isStopped(random.nextInt(1000));
        commit(statement, (random.nextInt(4) == 0 ? "rollback" : "commit") + " prepared '" + name + "'");
        isStopped(random.nextInt(300));
    }

    private void rewriteOnce(Statement statement, Random random) throws SQLException {
        if (!isStopped(1500 + random.nextInt(1500))) {
            statement.execute("vacuum full t");
            isStopped(TimeUnit.HOURS.toMillis(1));
        }
    }

    /** Ends the writers, whose server may be away. */
    public void stop() {
        stopped.countDown();
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Ends the writers; the table stands still when this returns. The server must be there. */
    @Override
    public void close() throws SQLException {
        stop();
        try (Connection connection = TestServers.connect(login);
                Statement statement = connection.createStatement()) {
            List<String> left = new ArrayList<>();
            try (ResultSet rows =
                    statement.executeQuery("select gid from pg_prepared_xacts where gid like 'campaign %'")) {
                while (rows.next()) {
                    left.add(rows.getString(1));
                }
            }
            for (String gid : left) {
                statement.execute((ThreadLocalRandom.current().nextBoolean() ? "commit" : "rollback") + " prepared '"
                        + gid + "'");
            }
        }
        if (unexpected.get() != null) {
            throw unexpected.get();
        }
    }
}
