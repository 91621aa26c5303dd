package io.watchkeeper.bench;

import io.watchkeeper.files.FolderTree;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.backup.BaseBackup;
import io.watchkeeper.toolkit.backup.BaseBackupPlan;
import io.watchkeeper.toolkit.pitr.DrillPhase;
import io.watchkeeper.toolkit.pitr.DrillPlan;
import io.watchkeeper.toolkit.pitr.DrillResult;
import io.watchkeeper.toolkit.pitr.PitrDrill;
import io.watchkeeper.toolkit.pitr.RecoveryTarget;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A drill's own overhead, all but restore and recovery, on a cluster of pgbench: {@code Drill [SCALE [ROUNDS]]}.
 *
 * <p>Scale 67 makes a cluster of 1 GB. Each round drills the same backup to the latest, without and with amcheck.
 */
public final class DrillBench {

    private DrillBench() {}

    public static void main(String[] arguments) throws Exception {
        int scale = (int) Arguments.number(arguments, 0, 67);
        int rounds = (int) Arguments.number(arguments, 1, 3);
        PgBinaries binaries = PgBinaries.find(null).orElseThrow();
        Path home = Files.createTempDirectory("watchkeeper-bench");
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (LocalServer server = LocalServer.create(binaries, home.resolve("server"), Map.of("max_wal_size", "4GB"))) {
            DatabaseSettings shore =
                    new DatabaseSettings("shore", server.url("postgres"), "postgres", null, 4, null, true);
            Work work = Work.unattended("bench");
            PgCommand.of(binaries.program("pgbench"), "-i", "-q", "-s", Integer.toString(scale))
                    .connect(shore, "bench")
                    .run(work);
            BackupSettings settings = new BackupSettings(
                    home.resolve("repository"),
                    null,
                    Files.createDirectory(home.resolve("state")),
                    null,
                    "bench",
                    Clock.systemUTC());
            try (DatabasePools pools = new DatabasePools(List.of(shore))) {
                new BaseBackup(pools.database("shore"), settings, work)
                        .run(BaseBackupPlan.USUAL.withFastCheckpoint(true));
                for (int round = 0; round < rounds; round++) {
                    drill(new PitrDrill(settings, pools.database("shore"), work, "BENCH" + round), false);
                    drill(new PitrDrill(settings, pools.database("shore"), work, "BENCH" + round), true);
                }
            }
        } finally {
            FolderTree.delete(home);
        }
    }

    private static void drill(PitrDrill drill, boolean amcheck) {
        DrillResult result = drill.run(new DrillPlan(
                RecoveryTarget.LATEST,
                null,
                Duration.ofDays(1),
                DrillPlan.MAX_RTO,
                List.of(),
                null,
                amcheck,
                List.of(),
                DrillPlan.PORT));
        if (!result.passed()) {
            throw new IllegalStateException(result.words());
        }
        Duration own = Duration.ZERO;
        StringBuilder phases = new StringBuilder();
        for (DrillPhase phase : result.phases()) {
            boolean restoring = List.of("restore", "recover").contains(phase.name());
            own = restoring ? own : own.plus(phase.took());
            phases.append("  %s %.2f s".formatted(phase.name(), phase.took().toMillis() / 1000.0));
        }
        System.out.printf(
                "%s restored, %s: own overhead %.2f s  (%s )%n",
                result.restored(), amcheck ? "amcheck" : "without amcheck", own.toMillis() / 1000.0, phases);
    }
}
