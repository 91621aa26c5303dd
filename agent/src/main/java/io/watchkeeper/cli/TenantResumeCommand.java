package io.watchkeeper.cli;

import io.watchkeeper.TenantRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Lets a tenant in again; recorded as a run of {@code tenant}. */
@Command(
        name = "resume",
        mixinStandardHelpOptions = true,
        description = "Lets a suspended tenant in again, once it is proven anew that it is kept apart.")
final class TenantResumeCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Mixin
    private TenantOptions options = new TenantOptions();

    @Parameters(index = "0", paramLabel = "ID", description = "as 'watchkeeper tenant list' shows it")
    private String id = "";

    TenantResumeCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        return options.run(
                invocation, (agent, config) -> TenantRequest.door(config, agent, options.database(), id, true));
    }
}
