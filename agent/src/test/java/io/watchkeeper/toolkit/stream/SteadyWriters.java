package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.testing.TestServers;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Sessions that never stop changing table {@code t (id bigint primary key, n int, filler text)} with sequence {@code ids}: quick ones,
 * one that commits late with a small xid, one with subtransactions, one that rolls back.
 */
final class SteadyWriters implements AutoCloseable {

    private static final Set<String> EVERYDAY = Set.of("40P01", "55P03");

    final AtomicLong transactions = new AtomicLong();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<Exception> unexpected = new AtomicReference<>();

    SteadyWriters(DatabaseSettings login, long seed) {
        for (int i = 0; i < 4; i++) {
            Random random = new Random(seed + i);
            boolean late = i == 3;
            Thread thread = new Thread(() -> run(login, random, late), "writer " + i);
            threads.add(thread);
            thread.start();
        }
    }

    private void run(DatabaseSettings login, Random random, boolean late) {
        try (Connection connection = TestServers.connect(login);
                Statement statement = connection.createStatement()) {
            statement.execute("set lock_timeout = '500ms'");
            while (stopped.getCount() > 0) {
                try {
                    if (late) {
                        statement.execute("begin; insert into t values (nextval('ids'), 7, 'late')");
                        pause(100 + random.nextInt(200));
                        statement.execute("update t set n = n + 1 where id = (select max(id) from t); commit");
                    } else {
                        statement.execute(next(random));
                        pause(random.nextInt(10));
                    }
                    transactions.incrementAndGet();
                } catch (SQLException e) {
                    if (!EVERYDAY.contains(String.valueOf(e.getSQLState()))) {
                        throw e;
                    }
                    statement.execute("rollback");
                }
            }
        } catch (SQLException | InterruptedException e) {
            unexpected.compareAndSet(null, e);
        }
    }

    private static String next(Random random) {
        String some = "(select id from t order by random() limit " + (1 + random.nextInt(3)) + ")";
        return switch (random.nextInt(7)) {
            case 0, 1 -> "insert into t select nextval('ids'), 0, repeat('n', 100) from generate_series(1, 3)";
            case 2 -> "update t set n = n + 1 where id in " + some;
            case 3 -> "update t set id = nextval('ids') where id in " + some;
            case 4 -> "delete from t where id in " + some;
            case 5 ->
                "begin; savepoint a; update t set n = n + 10 where id in " + some
                        + "; release a; savepoint b; delete from t where id in " + some + "; rollback to b; commit";
            default -> "begin; delete from t where id in " + some + "; rollback";
        };
    }

    private void pause(long milliseconds) throws InterruptedException {
        boolean unused = stopped.await(milliseconds, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        stopped.countDown();
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        if (unexpected.get() != null) {
            throw new IllegalStateException("a writer failed", unexpected.get());
        }
    }
}
