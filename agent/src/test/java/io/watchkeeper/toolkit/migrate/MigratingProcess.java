package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.testing.OtherProcess;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.units.Bytes;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** A process that migrates, to be killed. Its arguments: project, state, url, revision, and how the way back is tested. */
final class MigratingProcess {

    private MigratingProcess() {}

    public static void main(String[] arguments) throws Exception {
        Path state = Path.of(arguments[1]);
        DatabasePools pools = new DatabasePools(
                List.of(new DatabaseSettings("shore", arguments[2], "postgres", null, 8, null, true)));
        MigrationWish wish = new MigrationWish(
                "shore",
                List.of(),
                arguments[3],
                false,
                Duration.ofMinutes(1),
                1,
                Bytes.megabytes(64),
                true,
                RevertTest.valueOf(arguments[4]));
        Thread migration = new Thread(() -> {
            try {
                MigrationResult unused = new Migrator(
                                Path.of(arguments[0]), null, List.of(), Clock.systemUTC(), Work.unattended("killed"))
                        .testedBy(new BackupSettings(null, null, state, null, "", Clock.systemUTC()))
                        .run(wish, List.of(pools.database("shore")), state, plan -> {}, done -> {});
            } catch (Exception e) {
                System.err.println("migration ended: " + e);
            }
        });
        migration.setDaemon(true);
        migration.start();
        OtherProcess.readyUntilEndOfInput();
    }
}
