package io.watchkeeper.toolkit.standby;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.testing.OtherProcess;
import io.watchkeeper.testing.StoppableWork;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** An agent that makes a standby and stands still at one moment of it, to be killed there. */
final class StandbyProcess {

    private StandbyProcess() {}

    /** @param arguments the primary's address, state, data directory, port, and the moment; one of an undo begins with {@code undo} */
    public static void main(String[] arguments) throws SQLException {
        DatabaseSettings shore = new DatabaseSettings("shore", arguments[0], "postgres", null, 4, null, true);
        StoppableWork work = new StoppableWork("provision").onProgress(one -> standStill(one, arguments[4]));
        try (DatabasePools pools = new DatabasePools(List.of(shore))) {
            StandbyPlan plan =
                    StandbyRig.plan(Path.of(arguments[1]), Path.of(arguments[2]), Integer.parseInt(arguments[3]));
            StandbyProvisioner provisioner = new StandbyProvisioner(
                    pools.database("shore"), Path.of(arguments[1]), work, Clock.systemUTC(), Duration.ofSeconds(15));
            if (arguments[4].startsWith("undo")) {
                provisioner.undo(plan);
            } else {
                provisioner.provision(plan);
            }
        }
        throw new IllegalStateException("did not come to " + arguments[4]);
    }

    private static void standStill(Progress progress, String moment) {
        if (progress.stage().equals(moment)) {
            try {
                OtherProcess.readyUntilEndOfInput();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
