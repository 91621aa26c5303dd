package io.watchkeeper.cli;

import io.watchkeeper.TenantRequest;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Gives a tenant its other form; recorded as a run of {@code tenant}. */
@Command(
        name = "move",
        mixinStandardHelpOptions = true,
        description =
                "Gives a tenant its other form while it works: a schema of its own, or rows of shared tables. It is shut out only for the"
                        + " comparison of both sides and the switch. Interrupted, it goes on when it is called again.")
final class TenantMoveCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Mixin
    private TenantOptions options = new TenantOptions();

    @Parameters(index = "0", paramLabel = "ID", description = "as 'watchkeeper tenant list' shows it")
    private String id = "";

    @Option(names = "--to", required = true, paramLabel = "FORM", description = "schema or rls")
    private String to = "";

    @Option(
            names = "--batch",
            paramLabel = "N",
            description = "so many rows go in one transaction; default ${DEFAULT-VALUE}")
    private int batch = 5_000;

    @Option(
            names = "--shut-out",
            paramLabel = "TIME",
            description = "the longest time for which the tenant may be shut out; default ${DEFAULT-VALUE}")
    private String shutOut = "30s";

    TenantMoveCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        Duration longest = PairOptions.time("--shut-out", shutOut);
        return options.run(
                invocation,
                (agent, config) -> TenantRequest.move(
                        config, agent, invocation.clock(), options.database(), id, to, batch, longest));
    }
}
