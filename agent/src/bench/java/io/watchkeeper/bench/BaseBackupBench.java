package io.watchkeeper.bench;

import io.watchkeeper.files.FolderTree;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.backup.BaseBackup;
import io.watchkeeper.toolkit.backup.BaseBackupFormat;
import io.watchkeeper.toolkit.backup.BaseBackupPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * A base backup beside pg_basebackup alone: {@code BaseBackup [PGBENCH_SCALE [ROUNDS]]}; a scale of 65 is a cluster of 1 GB.
 *
 * <p>All take a fast checkpoint and write to the same disk, in turn in each round; the first round does not count. What is measured ends when
 * the backup is on the disk, and with Watchkeeper when it is in the catalogue.
 */
public final class BaseBackupBench {

    private static final BaseBackupPlan PLAIN =
            BaseBackupPlan.USUAL.withFastCheckpoint(true).withFormat(BaseBackupFormat.PLAIN);

    private final BenchServers servers;
    private final Path target;

    private BaseBackupBench(BenchServers servers) {
        this.servers = servers;
        this.target = servers.folder().resolve("backup");
    }

    public static void main(String[] arguments) throws Exception {
        long scale = Arguments.number(arguments, 0, 65);
        int rounds = (int) Arguments.number(arguments, 1, 7);
        try (BenchServers servers = BenchServers.start()) {
            new BaseBackupBench(servers).run(scale, rounds);
        }
    }

    private void run(long scale, int rounds) throws Exception {
        shell("pgbench --initialize --quiet --scale=" + scale + " -d '" + servers.sourceUri() + "'");
        System.out.printf(
                "cluster of %s; %d rounds%n",
                servers.askSource("select pg_size_pretty(sum(pg_database_size(oid))) from pg_database"), rounds);
        String alone = PgBinaries.find(null).orElseThrow().program("pg_basebackup") + " --checkpoint=fast --pgdata='"
                + target + "' --dbname='" + servers.sourceUri() + "'";
        try (DatabasePools pools = servers.pools()) {
            BackupSettings settings = new BackupSettings(
                    target, null, servers.folder().resolve("state"), null, "bench", Clock.systemUTC());
            BaseBackup ours = new BaseBackup(pools.database("source"), settings, Work.unattended("bench"));
            Map<String, Callable<?>> ways = new LinkedHashMap<>();
            ways.put("pg_basebackup alone, plain", () -> shell(alone));
            ways.put("watchkeeper, plain, not verified", () -> ours.run(PLAIN.withVerify(false)));
            ways.put("watchkeeper, plain, verified", () -> ours.run(PLAIN));
            ways.put("pg_basebackup alone, plain, SHA256", () -> shell(alone + " --manifest-checksums=SHA256"));
            ways.put("pg_basebackup alone, tar", () -> shell(alone + " --format=tar"));
            ways.put("watchkeeper, tar, verified", () -> ours.run(PLAIN.withFormat(BaseBackupFormat.TAR)));
            contest(ways, rounds);
        }
    }

    private void contest(Map<String, Callable<?>> ways, int rounds) throws Exception {
        Map<String, List<Double>> seconds = new LinkedHashMap<>();
        for (int round = 0; round <= rounds; round++) {
            for (Map.Entry<String, Callable<?>> way : ways.entrySet()) {
                FolderTree.delete(target);
                servers.checkpoint();
                shell("sync");
                long start = System.nanoTime();
                way.getValue().call();
                double took = (System.nanoTime() - start) / 1e9;
                if (round > 0) {
                    seconds.computeIfAbsent(way.getKey(), name -> new ArrayList<>()).add(took);
                }
            }
        }
        seconds.forEach((way, times) -> {
            List<Double> sorted = times.stream().sorted().toList();
            System.out.printf(
                    "%-36s %6.2f s  (%.2f - %.2f)%n",
                    way, sorted.get(sorted.size() / 2), sorted.get(0), sorted.get(sorted.size() - 1));
        });
    }

    private static int shell(String command) throws IOException, InterruptedException {
        int status = new ProcessBuilder("bash", "-c", command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        if (status != 0) {
            throw new IllegalStateException(command + " ended with " + status);
        }
        return status;
    }
}
