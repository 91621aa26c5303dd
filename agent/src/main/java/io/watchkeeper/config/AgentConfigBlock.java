package io.watchkeeper.config;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.units.DurationText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Reads the whole file. */
final class AgentConfigBlock {

    private static final String HOST_WORD = "[\\p{L}\\p{N}][\\p{L}\\p{N}._-]{0,62}";

    private static final Duration LONGEST_DRAIN = Duration.ofHours(24);

    private static final String WORKERS = "WATCHKEEPER_WORKERS";

    /** What stands in for absent keys and depends on the machine. */
    record Defaults(String hostName, Path runbooks, Path state) {}

    private AgentConfigBlock() {}

    static AgentConfig read(ConfigNode root, Defaults defaults) {
        AgentConfig.Host host = host(root.block("host"), defaults);
        List<DatabaseSettings> databases = DatabasesBlock.read(root.block("databases"));
        Path runbooks = root.path("runbooks").orElse(defaults.runbooks());
        if (!Files.isDirectory(runbooks)) {
            root.problem(
                    "runbooks",
                    "the folder of runbooks, " + runbooks + ", does not exist",
                    "mkdir -p " + runbooks + ", or set 'runbooks' to the folder they are in.");
        }
        Path state = root.path("state").orElse(defaults.state());
        if (Files.exists(state) && !Files.isDirectory(state)) {
            root.problem("state", "the state folder, " + state + ", is a file", "name a folder.");
        }
        AgentConfig.Replication replication = ReplicationBlock.read(root.block("replication"));
        AgentConfig config = new AgentConfig(
                root.source().file(),
                host,
                databases,
                runbooks,
                state,
                BackupsBlock.read(root.block("backups")),
                HttpBlock.read(root.block("http")),
                postgres(root.block("postgres")),
                copying(root.source()),
                AlertsBlock.read(root.block("alerts")),
                replication,
                SloBlock.read(root.block("slo"), databases),
                HeavyBlock.read(root.block("heavy"), replication.alertAfter()),
                history(root.block("history")),
                shutdown(root.block("shutdown")),
                ClusterBlock.read(root.block("cluster"), root.has("cluster"), databases),
                MetaBlock.read(root.block("meta"), root.has("meta"), databases),
                TrustBlock.read(root.block("trust")),
                AuditBlock.read(root.block("audit"), root.has("audit"), databases));
        root.finish();
        return config;
    }

    private static AgentConfig.Shutdown shutdown(ConfigNode block) {
        Duration drain = block.duration("drain", Duration.ZERO, Duration.ofMinutes(10));
        if (drain.compareTo(LONGEST_DRAIN) > 0) {
            block.problem(
                    "drain",
                    "an upgrade or a reload would wait for runs for " + DurationText.say(drain)
                            + ", and no new run begins meanwhile",
                    "set it to at most " + DurationText.say(LONGEST_DRAIN)
                            + "; runs that are cut off are started again, and copies go on where they were.");
        }
        return new AgentConfig.Shutdown(block.duration("grace", Duration.ZERO, Duration.ofSeconds(30)), drain);
    }

    /** Not a key of the file: it is measured for a host and its links, and the file may be the same on all. */
    private static AgentConfig.Copying copying(ConfigSource source) {
        String workers = source.environment().getOrDefault(WORKERS, "").strip();
        if (workers.isEmpty() || workers.equals("auto")) {
            return new AgentConfig.Copying(null);
        }
        if (!workers.matches("[1-9]\\d{0,2}")) {
            source.problem(
                    null,
                    WORKERS + " is '" + workers + "', and is no number of workers",
                    "set it to a number from 1 on, or to auto, or unset it; 'watchkeeper bench workers' measures one.");
            return new AgentConfig.Copying(null);
        }
        return new AgentConfig.Copying(Integer.valueOf(workers));
    }

    private static AgentConfig.History history(ConfigNode history) {
        // None stands for ever.
        Duration keepAudit = history.duration("keepAudit", Duration.ofDays(1), Duration.ZERO);
        return new AgentConfig.History(
                history.duration("keepRuns", Duration.ofHours(1), Duration.ofDays(90)),
                keepAudit.isZero() ? null : keepAudit);
    }

    private static AgentConfig.Host host(ConfigNode host, Defaults defaults) {
        String what = "a word of letters, digits, '.', '_' and '-', at most 63 in all";
        return new AgentConfig.Host(
                host.parsed("name", what, null, AgentConfigBlock::word).orElse(defaults.hostName()),
                host.parsed("role", what, null, AgentConfigBlock::word).orElse("primary"));
    }

    private static Optional<String> word(String text) {
        return text.matches(HOST_WORD) ? Optional.of(text) : Optional.empty();
    }

    private static AgentConfig.Postgres postgres(ConfigNode postgres) {
        Path bin = postgres.path("bin").orElse(null);
        if (bin != null && !Files.isDirectory(bin)) {
            postgres.problem(
                    "bin",
                    postgres.named("bin") + ": " + bin + " is not a folder",
                    "name the folder of psql and pg_dump, or remove the line: they are looked for then.");
        }
        return new AgentConfig.Postgres(bin);
    }
}
