package io.watchkeeper.toolkit.remedy;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.toolkit.replication.ReplicationSight;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;

/** An agent that remedies and dies, as by kill -9, when it says that it has come to a certain step. */
final class KilledRemedy {

    private KilledRemedy() {}

    /** Arguments: both addresses, the state's folder, the step as its progress calls it, and what is allowed. */
    public static void main(String[] arguments) throws Exception {
        System.out.println("ready");
        DatabasePools pools = RemedyFleet.pools(arguments[0], arguments[1]);
        StoppableWork work = new StoppableWork("killed remedy");
        work.onProgress(progress -> {
            if (progress.stage().equals(arguments[3])) {
                Runtime.getRuntime().halt(9);
            }
        });
        Remedy[] allowed = Arrays.stream(arguments).skip(4).map(Remedy::valueOf).toArray(Remedy[]::new);
        LagRemediator remediator = new LagRemediator(
                pools.database("shore"),
                pools.all(),
                Path.of(arguments[2]),
                new ReplicationSight(pools.all(), Path.of(arguments[2]), new ReplicationBoard(), Clock.systemUTC()),
                Clock.systemUTC(),
                work,
                "killed",
                StandbyRebuild.none(),
                line -> {});
        System.err.println("came to its end without '" + arguments[3] + "': "
                + remediator.run(RemedyFleet.plan(allowed)).fields());
        Runtime.getRuntime().halt(0);
    }
}
