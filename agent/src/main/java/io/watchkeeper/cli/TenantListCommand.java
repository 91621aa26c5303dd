package io.watchkeeper.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.TenantRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists the tenants of a database. */
@Command(name = "list", mixinStandardHelpOptions = true, description = "Lists the tenants of a database, by id.")
final class TenantListCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Option(
            names = "--database",
            paramLabel = "DB",
            description = "where the tenants are; else what 'meta' in the configuration names")
    private @Nullable String database;

    @Option(names = "--json", description = "one JSON document on standard output")
    private boolean json;

    TenantListCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        JsonNode tenants = Invocation.tree(TenantRequest.list(invocation.config(), database));
        if (json) {
            invocation.printJson(tenants);
            return ExitStatus.OK;
        }
        if (tenants.isEmpty()) {
            invocation.terminal().print("No tenants yet.");
            return ExitStatus.OK;
        }
        List<JsonNode> rows = new ArrayList<>();
        tenants.forEach(rows::add);
        invocation
                .terminal()
                .print(Table.of(
                        invocation.terminal(),
                        rows,
                        Table.column("tenant", one -> one.path("id").asText()),
                        Table.column("region", one -> one.path("region").asText()),
                        Table.column("plan", one -> one.path("plan").asText()),
                        Table.column("status", one -> one.path("status").asText()),
                        Table.column("tenancy", one -> one.path("tenancy").asText())));
        return ExitStatus.OK;
    }
}
