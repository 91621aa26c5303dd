package io.watchkeeper.cli;

import io.watchkeeper.SwitchoverRequest;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.units.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Hands the primary's role to a standby without a runbook file; recorded as a run of {@code switchover}. */
@Command(
        name = "switchover",
        mixinStandardHelpOptions = true,
        description =
                "Hands the primary's role to a standby, on the old primary's host. Without --yes it makes every check and"
                        + " shows the plan. After a crash the same command goes on; --back takes it back while that is possible.")
final class SwitchoverCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Option(names = "--from", required = true, paramLabel = "DB", description = "the database that is the primary")
    private String from = "";

    @Option(names = "--to", required = true, paramLabel = "DB", description = "the standby that becomes the primary")
    private String to = "";

    @Option(names = "--yes", description = "do it")
    private boolean yes;

    @Option(names = "--back", description = "take back a switchover that is under way and not past the promotion")
    private boolean back;

    @Option(
            names = "--service",
            paramLabel = "UNIT",
            description = "the old primary's unit of systemd; pg_ctl stops and starts it where left out")
    private @Nullable String service;

    @Option(
            names = "--address",
            paramLabel = "HOST:PORT",
            description = "where the old primary finds the new one; the configured address where left out")
    private @Nullable String address;

    @Option(
            names = "--repoint",
            arity = "1..*",
            paramLabel = "DB",
            description = "other standbys that are to follow the new primary")
    private List<String> repoint = new ArrayList<>();

    @Option(
            names = "--max-lag",
            paramLabel = "SIZE",
            description = "how far the standby may be behind when it begins; default ${DEFAULT-VALUE}")
    private String maxLag = "16MB";

    @Option(names = "--within", paramLabel = "TIME", description = "for each wait; default ${DEFAULT-VALUE}")
    private String within = "60s";

    @Option(names = "--drop-logical-slots", description = "lose logical slots that the standby does not have")
    private boolean dropLogicalSlots;

    @Option(
            names = "--rewind",
            description = "let pg_rewind throw away what the old primary has written beside the new one")
    private boolean rewind;

    @Option(names = "--timeout", paramLabel = "TIME", description = "of the whole run; default ${DEFAULT-VALUE}")
    private String timeout = "1h";

    @Option(names = "--dry-run", description = "make every check and show the plan; change nothing")
    private boolean dryRun;

    @Option(names = "--json", description = "the run document on standard output, nothing else there")
    private boolean json;

    SwitchoverCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        SwitchoverRequest request = PairOptions.usage(() -> new SwitchoverRequest(
                from,
                to,
                yes,
                back,
                service,
                address,
                repoint,
                Bytes.parse(maxLag)
                        .orElseThrow(() ->
                                new UsageException("--max-lag is '" + maxLag + "'", "give a size, as 500KB or 16MB.")),
                PairOptions.time("--within", within),
                dropLogicalSlots,
                rewind,
                PairOptions.time("--timeout", timeout)));
        boolean only = dryRun || (!yes && !back);
        int status = new ForegroundRun(invocation, only, json)
                .run(
                        (agent, config) -> {
                            PairOptions.requireDatabase(config, from);
                            PairOptions.requireDatabase(config, to);
                            repoint.forEach(name -> PairOptions.requireDatabase(config, name));
                            return PairOptions.<Runbook>usage(() -> request.runbook(config, invocation.clock()));
                        },
                        Map.of());
        if (only && !dryRun && !json && status == 0) {
            invocation.terminal().print("To do it, say the same with --yes.");
        }
        return status;
    }
}
