package io.watchkeeper.cli;

import io.watchkeeper.TenantRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Looks whether tenants are kept apart; recorded as a run of {@code tenant}. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description =
                "Looks for every way by which a tenant could reach rows of others, and proves as the tenants' roles that none is open. Exits with 1 when one is.")
final class TenantVerifyCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Mixin
    private TenantOptions options = new TenantOptions();

    @Option(names = "--at-most", paramLabel = "N", description = "so many tenants are proven; default ${DEFAULT-VALUE}")
    private int atMost = 20;

    TenantVerifyCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        if (atMost < 0) {
            throw new UsageException("--at-most is " + atMost, "give a number from 0.");
        }
        return options.run(
                invocation, (agent, config) -> TenantRequest.verify(config, agent, options.database(), atMost));
    }
}
