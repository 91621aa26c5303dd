package io.watchkeeper.cli;

import io.watchkeeper.HostLook;
import io.watchkeeper.cli.Terminal.Colour;
import io.watchkeeper.config.ConfigLoader;
import io.watchkeeper.doctor.Finding;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Examines this host. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = "Checks this host: configuration, secrets, connections, server settings, tools, disk, clock.")
final class DoctorCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Option(names = "--json", description = "one JSON document on standard output")
    private boolean json;

    @Option(
            names = "--grants",
            description =
                    "instead: the GRANT statements that the configured roles lack, ready for psql; exit status 1 when"
                            + " any is missing")
    private boolean grants;

    @Option(names = "--database", paramLabel = "NAME", description = "with --grants: only this one; may be repeated")
    private List<String> databases = new ArrayList<>();

    @Option(
            names = "--feature",
            paramLabel = "FEATURE",
            description = "with --grants: what the role is to be fit for; may be repeated; default: checks. See"
                    + " docs/security-grants.md")
    private List<String> features = new ArrayList<>();

    @Option(
            names = "--schema",
            paramLabel = "NAME",
            description = "with --grants: the tables of this schema; may be repeated; default: all")
    private List<String> schemas = new ArrayList<>();

    DoctorCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws SQLException {
        if (grants) {
            return new GrantsReport(invocation, json).print(databases, features, schemas);
        }
        if (!databases.isEmpty() || !features.isEmpty() || !schemas.isEmpty()) {
            throw new UsageException("--database, --feature and --schema go with --grants", "add --grants.");
        }
        ConfigLoader.Loaded loaded = invocation.loadConfig();
        List<Finding> findings = HostLook.examine(invocation.configFile(), loaded, invocation.clock());
        boolean red = findings.stream().anyMatch(f -> f.level() == Finding.Level.RED);
        if (json) {
            invocation.printJson(document(findings, red));
        } else {
            print(findings);
        }
        return red ? ExitStatus.FAILED : ExitStatus.OK;
    }

    private static Map<String, Object> document(List<Finding> findings, boolean red) {
        List<Object> lines = new ArrayList<>();
        for (Finding finding : findings) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("level", finding.level().name().toLowerCase(java.util.Locale.ROOT));
            line.put("subject", finding.subject());
            line.put("text", finding.text());
            if (finding.hint() != null) {
                line.put("hint", finding.hint());
            }
            lines.add(line);
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("healthy", !red);
        document.put("findings", lines);
        return document;
    }

    private void print(List<Finding> findings) {
        Terminal terminal = invocation.terminal();
        int width = findings.stream().mapToInt(f -> f.subject().length()).max().orElse(0);
        for (Finding finding : findings) {
            terminal.prose(
                    " " + mark(finding.level()) + " " + finding.subject()
                            + " ".repeat(width - finding.subject().length() + 2),
                    finding.text());
            if (finding.hint() != null) {
                terminal.print(" ".repeat(width + 5) + "HINT: " + finding.hint());
            }
        }
        long red = findings.stream().filter(f -> f.level() == Finding.Level.RED).count();
        long amber =
                findings.stream().filter(f -> f.level() == Finding.Level.AMBER).count();
        terminal.print(red + " red, " + amber + " amber, " + (findings.size() - red - amber) + " green. Exit status "
                + (red > 0 ? 1 : 0) + ".");
    }

    private String mark(Finding.Level level) {
        Terminal terminal = invocation.terminal();
        return switch (level) {
            case GREEN -> terminal.paint(Colour.GREEN, "●");
            case AMBER -> terminal.paint(Colour.AMBER, "▲");
            case RED -> terminal.paint(Colour.RED, "✖");
        };
    }
}
