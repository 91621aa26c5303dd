package io.watchkeeper.cli;

import io.watchkeeper.ConfiguredToolkit;
import io.watchkeeper.config.AgentConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows the runbooks with what they are judged by. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "Shows the runbooks with owner, mode and checksum, and whether the agent would load them.")
final class TrustListCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Parameters(arity = "0..1", paramLabel = "FOLDER", description = "default: the configured folder of runbooks")
    private @Nullable Path folder;

    @Option(names = "--json", description = "one JSON document on standard output")
    private boolean json;

    TrustListCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws IOException {
        AgentConfig config = invocation.config();
        List<Map<String, Object>> rows = new ArrayList<>();
        for (TrustedRunbooks.Judged runbook : TrustedRunbooks.in(
                folder == null ? config.runbooks() : folder, ConfiguredToolkit.trust(config, invocation.clock()))) {
            rows.add(row(runbook));
        }
        if (json) {
            invocation.printJson(Map.of("runbooks", rows));
            return ExitStatus.OK;
        }
        for (Map<String, Object> row : rows) {
            invocation
                    .terminal()
                    .print(String.join(
                            "  ", row.values().stream().map(String::valueOf).toList()));
        }
        return ExitStatus.OK;
    }

    /** The columns in their order. */
    private static Map<String, Object> row(TrustedRunbooks.Judged runbook) {
        Map<String, Object> row = new LinkedHashMap<>();
        try {
            PosixFileAttributes attributes = Files.readAttributes(runbook.file(), PosixFileAttributes.class);
            row.put("mode", PosixFilePermissions.toString(attributes.permissions()));
            row.put("owner", attributes.owner().getName());
        } catch (IOException e) {
            row.put("mode", "?");
            row.put("owner", "?");
        }
        row.put("sha256", runbook.sum() == null ? "?" : runbook.sum());
        row.put("file", runbook.file().toString());
        row.put(
                "state",
                runbook.refusal() == null
                        ? "loaded"
                        : String.valueOf(runbook.refusal().getMessage()));
        return row;
    }
}
