package io.watchkeeper.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows one run with its steps and log. */
@Command(name = "show", mixinStandardHelpOptions = true, description = "Shows one run with its steps and its log.")
final class ShowCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Parameters(index = "0", paramLabel = "RUN_ID", description = "the run's id, or its beginning")
    private String runId = "";

    @Option(names = "--json", description = "the run document on standard output")
    private boolean json;

    ShowCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        Map.Entry<JsonNode, List<String>> found = new StoredRuns(invocation).find(runId);
        if (json) {
            invocation.printJson(found.getKey());
            return ExitStatus.OK;
        }
        Terminal terminal = invocation.terminal();
        new RunPrinter(terminal, invocation.clock().getZone()).whole(found.getKey());
        RunningProgress.of(found.getKey(), terminal.width()).forEach(terminal::print);
        if (!found.getValue().isEmpty()) {
            terminal.print("");
            terminal.print(terminal.paint(Terminal.Colour.BOLD, "log"));
            found.getValue().forEach(line -> terminal.print(" " + line));
        }
        return ExitStatus.OK;
    }
}
