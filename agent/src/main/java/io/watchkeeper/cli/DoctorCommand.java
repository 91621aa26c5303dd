package io.watchkeeper.cli;

import io.watchkeeper.Agent;
import io.watchkeeper.cli.Terminal.Colour;
import io.watchkeeper.config.ConfigLoader;
import io.watchkeeper.doctor.Finding;
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

    DoctorCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        ConfigLoader.Loaded loaded = invocation.loadConfig();
        List<Finding> findings = Agent.examine(invocation.configFile(), loaded, invocation.clock());
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
            terminal.print(" " + mark(finding.level()) + " " + finding.subject()
                    + " ".repeat(width - finding.subject().length() + 2) + finding.text());
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
