package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.testing.StoppableWork;
import java.util.List;

/** A process that moves a tenant and dies, as by kill -9, when it says that it has come to a certain step. */
final class KilledMove {

    private KilledMove() {}

    /** Arguments: the address, the tenant, its new form, the step as its progress calls it. */
    public static void main(String[] arguments) throws Exception {
        System.out.println("ready");
        DatabasePools pools = new DatabasePools(
                List.of(new DatabaseSettings("shore", arguments[0], "postgres", null, 8, null, true)));
        StoppableWork work = new StoppableWork("killed move");
        work.onProgress(progress -> {
            if (progress.stage().equals(arguments[3])) {
                Runtime.getRuntime().halt(9);
            }
        });
        new TenantMove(pools.database("shore"), work)
                .move(MoveRig.plan(new TenantId(arguments[1]), Tenancy.of(arguments[2])), "run-killed");
        System.out.println("came to its end");
        Runtime.getRuntime().halt(0);
    }
}
