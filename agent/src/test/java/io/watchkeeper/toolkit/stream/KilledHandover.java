package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.testing.StoppableWork;
import java.util.List;

/** A process that begins a handover and dies, as by kill -9, when it says that it has come to a certain step. */
final class KilledHandover {

    private KilledHandover() {}

    /** Arguments: both addresses, and the step as the progress calls it. */
    public static void main(String[] arguments) throws Exception {
        System.out.println("ready");
        DatabasePools pools = new DatabasePools(List.of(login("shore", arguments[0]), login("ship", arguments[1])));
        StoppableWork work = new StoppableWork("killed handover");
        work.onProgress(progress -> {
            if (progress.subject().equals("fleet_ship") && progress.stage().startsWith(arguments[2])) {
                Runtime.getRuntime().halt(9);
            }
        });
        new SubscriptionProvisioner(
                        pools.database("shore"),
                        pools.database("ship"),
                        work,
                        new SyncPolling(pools.database("shore"), pools.database("ship"), work))
                .provision(StreamFleet.HANDOVER);
        Runtime.getRuntime().halt(0);
    }

    private static DatabaseSettings login(String name, String url) {
        return new DatabaseSettings(name, url, "postgres", null, 8, null, true);
    }
}
