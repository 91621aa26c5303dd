package io.watchkeeper.toolkit.failover;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.testing.OtherProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A process of its own that switches over and stands still at one point, to be killed there. */
final class SwitchoverProcess {

    private SwitchoverProcess() {}

    /** @param arguments state folder, port of a, port of b, from, to, point */
    public static void main(String[] arguments) throws Exception {
        System.out.println("ready");
        try (DatabasePools pools = new DatabasePools(List.of(
                SwitchoverPair.settings("a", Integer.parseInt(arguments[1])),
                SwitchoverPair.settings("b", Integer.parseInt(arguments[2]))))) {
            new Switchover(pools::database, SwitchoverPair.WORK, Path.of(arguments[0]), null)
                    .watchedBy(point -> {
                        if (point.equals(arguments[5])) {
                            standStill();
                        }
                    })
                    .run(SwitchoverPair.plan(arguments[3], arguments[4], true));
        }
        System.out.println("went past " + arguments[5]);
    }

    private static void standStill() {
        try {
            OtherProcess.readyUntilEndOfInput();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Ends, as by kill -9, a switchover at the point. */
    static void killedAt(String point, SwitchoverPair pair, String from, String to) {
        OtherProcess process = OtherProcess.start(
                SwitchoverProcess.class,
                pair.state.toString(),
                String.valueOf(pair.server("a").port()),
                String.valueOf(pair.server("b").port()),
                from,
                to,
                point);
        String said = process.readLine();
        process.kill();
        if (!"ready".equals(said)) {
            throw new IllegalStateException("it did not stand still at " + point + " but said " + said);
        }
    }
}
