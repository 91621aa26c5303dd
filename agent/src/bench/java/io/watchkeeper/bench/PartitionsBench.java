package io.watchkeeper.bench;

import io.watchkeeper.files.FolderTree;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.partition.PartitionUpkeep;
import io.watchkeeper.toolkit.partition.Retention;
import io.watchkeeper.toolkit.partition.UpkeepPlan;
import io.watchkeeper.toolkit.partition.UpkeepResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Upkeep of so many partitioned tables when all is due, and when nothing is: {@code Partitions [TABLES [ROUNDS]]}. */
public final class PartitionsBench {

    private static final int AHEAD_DAYS = 180;

    private PartitionsBench() {}

    public static void main(String[] arguments) throws Exception {
        int tables = (int) Arguments.number(arguments, 0, 1_000);
        int rounds = (int) Arguments.number(arguments, 1, 5);
        Path folder = Files.createTempDirectory("watchkeeper-bench");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        LocalServer server = LocalServer.create(
                PgBinaries.find(null).orElseThrow(),
                folder.resolve("shore"),
                Map.of("max_locks_per_transaction", "1024", "shared_buffers", "512MB"));
        try (server;
                DatabasePools pools = new DatabasePools(List.of(
                        new DatabaseSettings("shore", server.url("postgres"), "postgres", null, 2, null, true)))) {
            Database shore = pools.database("shore");
            make(shore, tables);
            UpkeepPlan plan = UpkeepPlan.monthly(List.of("public.*"))
                    .withAhead(Duration.ofDays(AHEAD_DAYS))
                    .withRetention(Duration.ofDays(AHEAD_DAYS), Retention.DETACH);
            measure(shore, plan, "all due");
            for (int i = 0; i < rounds; i++) {
                measure(shore, plan, "nothing due");
            }
        } finally {
            FolderTree.delete(folder);
        }
    }

    /** Each with an index and a default partition, as a table of events has. */
    private static void make(Database shore, int tables) throws SQLException {
        try (var session = shore.open(Work.unattended("bench"))) {
            for (int i = 0; i < tables; i++) {
                session.runVerbatim("create table t" + i + " (id bigint, tenant_id text, at timestamptz not null, doc text,"
                        + " primary key (id, at)) partition by range (at); create index on t" + i
                        + " (tenant_id, at desc); create table t" + i + "_default partition of t" + i + " default");
            }
        }
    }

    private static void measure(Database shore, UpkeepPlan plan, String what) throws SQLException {
        long begun = System.nanoTime();
        UpkeepResult result = new PartitionUpkeep(
                        shore,
                        shore,
                        BackupSettings.none(Clock.systemUTC()),
                        Clock.systemUTC(),
                        Work.unattended("bench"))
                .run(plan);
        System.out.printf(
                "%s: %,d tables, %,d partitions made, %,d failures, %.2f s%n",
                what,
                result.tables().size(),
                result.created().size(),
                result.failures().size(),
                (System.nanoTime() - begun) / 1e9);
    }
}
