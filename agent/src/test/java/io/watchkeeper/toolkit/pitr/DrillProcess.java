package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.testing.OtherProcess;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.toolkit.backup.BackupSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/** A drill in a process of its own that stands still in one of its phases, to be killed there. */
final class DrillProcess {

    private DrillProcess() {}

    /** @param arguments repository, state, the database's address, and the phase to stand still in */
    public static void main(String[] arguments) throws IOException {
        BackupSettings settings = new BackupSettings(
                Path.of(arguments[0]), null, Path.of(arguments[1]), null, "shore-1", Clock.systemUTC());
        DatabaseSettings database = new DatabaseSettings("shore", arguments[2], "postgres", null, 4, null, true);
        StoppableWork work = new StoppableWork("drill").onProgress(progress -> standStill(progress, arguments[3]));
        try (DatabasePools pools = new DatabasePools(List.of(database))) {
            DrillPlan plan = new DrillPlan(
                    RecoveryTarget.LATEST,
                    null,
                    DrillPlan.MAX_RPO,
                    DrillPlan.MAX_RTO,
                    List.of(new CheckQuery("slow", "select true")),
                    null,
                    false,
                    List.of(),
                    DrillPlan.PORT);
            new PitrDrill(settings, pools.database("shore"), work, "01KILLED").run(plan);
        }
    }

    /** Runs in the drill's own thread, so it goes no further. */
    private static void standStill(Progress progress, String phase) {
        if (progress.stage().equals(phase)) {
            try {
                OtherProcess.readyUntilEndOfInput();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
