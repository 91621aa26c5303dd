package io.watchkeeper.toolkit.backup;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.testing.StoppableWork;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/** A process that dumps and test-restores, and stands still in the stage it was told, to be killed there. */
final class DumpingAgent {

    private DumpingAgent() {}

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        DatabaseSettings shore = new DatabaseSettings("shore", args[1], "postgres", null, 8, null, true);
        BackupSettings settings = new BackupSettings(
                folder.resolve("repository"), null, folder.resolve("state"), null, "host", Clock.systemUTC());
        System.out.println("ready");
        AtomicBoolean reached = new AtomicBoolean();
        CountDownLatch never = new CountDownLatch(1);
        StoppableWork work = new StoppableWork("doomed").onProgress(progress -> {
            if (progress.stage().startsWith(args[2]) && reached.compareAndSet(false, true)) {
                System.out.println(args[2]);
                try {
                    never.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        });
        try (DatabasePools pools = new DatabasePools(List.of(shore))) {
            Database database = pools.database("shore");
            new Dump(database, database, settings, work)
                    .run(DumpPlan.DEFAULT.withGlobals(false).withTestRestore(true));
        }
    }
}
