package io.watchkeeper.cli;

import io.watchkeeper.TenantRequest;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Archives a tenant and removes it; recorded as a run of {@code tenant}. */
@Command(
        name = "drop",
        mixinStandardHelpOptions = true,
        description =
                "Removes a suspended tenant once its rows are in an archive that was restored and compared. Its row in tenants stays, marked"
                        + " closed. Interrupted, it goes on when it is called again.")
final class TenantDropCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Mixin
    private TenantOptions options = new TenantOptions();

    @Parameters(index = "0", paramLabel = "ID", description = "as 'watchkeeper tenant list' shows it")
    private String id = "";

    @Option(
            names = "--confirm",
            paramLabel = "ID",
            description = "the id once more; without it nothing is done, beside --dry-run")
    private @Nullable String confirm;

    @Option(
            names = "--test-on",
            paramLabel = "DB",
            description = "on whose server the archive is restored to compare it; default: its own")
    private @Nullable String testOn;

    @Option(
            names = "--batch",
            paramLabel = "N",
            description = "so many rows go in one transaction; default ${DEFAULT-VALUE}")
    private int batch = 5_000;

    TenantDropCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        return options.run(
                invocation,
                (agent, config) -> TenantRequest.drop(
                        config, agent, invocation.clock(), options.database(), id, confirm, testOn, batch));
    }
}
