package io.watchkeeper.cli;

import io.watchkeeper.TenantRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shuts a tenant out; recorded as a run of {@code tenant}. */
@Command(
        name = "suspend",
        mixinStandardHelpOptions = true,
        description = "Shuts a tenant out, from its next statement on. Its rows stay.")
final class TenantSuspendCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Mixin
    private TenantOptions options = new TenantOptions();

    @Parameters(index = "0", paramLabel = "ID", description = "as 'watchkeeper tenant list' shows it")
    private String id = "";

    TenantSuspendCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        return options.run(
                invocation, (agent, config) -> TenantRequest.door(config, agent, options.database(), id, false));
    }
}
