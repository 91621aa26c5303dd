package io.watchkeeper.postgres;

import io.watchkeeper.testing.OtherProcess;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The main class of a second process with pools on the same state directory. */
final class OtherPool {

    private OtherPool() {}

    /** It takes so many connections of the database, holds them, and says how many it got. */
    static OtherProcess holding(int wanted, Path state, DatabaseSettings database) {
        return start(state, database, "hold", wanted);
    }

    /** So many threads of it take connections all the time, and hold each only for a moment. */
    static OtherProcess busy(int threads, Path state, DatabaseSettings database) {
        return start(state, database, "busy", threads);
    }

    private static OtherProcess start(Path state, DatabaseSettings database, String mode, int number) {
        return OtherProcess.start(
                OtherPool.class,
                state.toString(),
                database.url(),
                Integer.toString(database.maxConnections()),
                mode,
                Integer.toString(number));
    }

    /** Arguments: state directory, database URL, its cap, hold or busy, a number. */
    public static void main(String[] arguments) throws Exception {
        int number = Integer.parseInt(arguments[4]);
        try (DatabasePools pools = new DatabasePools(
                List.of(HostSlotsTest.settings(arguments[1], Integer.parseInt(arguments[2]))), Path.of(arguments[0]))) {
            Database database = pools.database("db");
            if (arguments[3].equals("busy")) {
                takeAllTheTime(database, number);
            } else {
                hold(database, number);
            }
        }
    }

    private static void hold(Database database, int wanted) throws Exception {
        List<Session> held = new ArrayList<>();
        for (int i = 0; i < wanted; i++) {
            Optional<Session> one = database.tryOpen(Work.unattended("other process"), Duration.ofMillis(100));
            one.ifPresent(held::add);
        }
        OtherProcess.readyUntilEndOfInput(Integer.toString(held.size()));
        for (Session one : held) {
            one.close();
        }
    }

    private static void takeAllTheTime(Database database, int threads) throws Exception {
        for (int i = 0; i < threads; i++) {
            Thread thread = new Thread(() -> {
                while (true) {
                    try (Session session = database.open(Work.unattended("other process"))) {
                        session.query("select pg_sleep(0.1)");
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                }
            });
            thread.setDaemon(true);
            thread.start();
        }
        OtherProcess.readyUntilEndOfInput();
        // Its threads never end by themselves.
        Runtime.getRuntime().halt(0);
    }
}
