package io.watchkeeper.cli;

import io.watchkeeper.TenantRequest;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a tenant; recorded as a run of {@code tenant}. */
@Command(
        name = "create",
        mixinStandardHelpOptions = true,
        description =
                "Makes a tenant in one transaction and proves that it is kept apart; if the proof fails, nothing is left of it.")
final class TenantCreateCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Mixin
    private TenantOptions options = new TenantOptions();

    @Parameters(
            index = "0",
            paramLabel = "ID",
            description = "a small letter, then small letters, digits, _ and -, at most 41 in all")
    private String id = "";

    @Option(names = "--region", required = true, paramLabel = "NAME", description = "where the tenant belongs")
    private String region = "";

    @Option(names = "--plan", required = true, paramLabel = "NAME", description = "what the tenant has ordered")
    private String plan = "";

    @Option(names = "--key", paramLabel = "KEY", description = "the same wish with the same key is done once")
    private @Nullable String key;

    TenantCreateCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        return options.run(
                invocation,
                (agent, config) -> TenantRequest.create(config, agent, options.database(), id, region, plan, key));
    }
}
