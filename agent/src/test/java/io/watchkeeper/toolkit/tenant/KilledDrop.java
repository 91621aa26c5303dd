package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.testing.StoppableWork;
import java.nio.file.Path;
import java.util.List;

/** A process that drops a tenant and dies, as by kill -9, when it says that it has come to a certain step. */
final class KilledDrop {

    private KilledDrop() {}

    /** Arguments: the address, the folder, the tenant, the step as its progress calls it. */
    public static void main(String[] arguments) throws Exception {
        System.out.println("ready");
        DatabasePools pools = new DatabasePools(
                List.of(new DatabaseSettings("shore", arguments[0], "postgres", null, 8, null, true)));
        StoppableWork work = new StoppableWork("killed drop");
        work.onProgress(progress -> {
            if (progress.stage().startsWith(arguments[3])) {
                Runtime.getRuntime().halt(9);
            }
        });
        Database shore = pools.database("shore");
        new TenantDrop(shore, shore, TenantDropTest.backups(Path.of(arguments[1])), work)
                .drop(TenantDropTest.plan(new TenantId(arguments[2])), "run-killed");
        System.out.println("came to its end");
        Runtime.getRuntime().halt(0);
    }
}
