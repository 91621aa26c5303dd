package io.watchkeeper.cli;

import io.watchkeeper.Agent;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.dsl.LoadResult;
import io.watchkeeper.problem.Problem;
import io.watchkeeper.problem.Suggestion;
import io.watchkeeper.runbook.Runbook;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs one runbook now, in this process, with the locks and the history of the agent on the same state directory. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = "Runs one runbook now, in this process. Ctrl-C cancels it cleanly.")
final class RunCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Parameters(
            index = "0",
            paramLabel = "NAME|FILE.groovy",
            description = "a loaded runbook, or a file that holds one")
    private String target = "";

    @Option(names = "-P", paramLabel = "key=value", description = "a parameter of the runbook")
    private Map<String, String> params = new LinkedHashMap<>();

    @Option(names = "--dry-run", description = "show the SQL, the locks and the estimated rows; change nothing")
    private boolean dryRun;

    @Option(names = "--json", description = "the run document on standard output, nothing else there")
    private boolean json;

    RunCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        return new ForegroundRun(invocation, dryRun, json).run(this::findRunbook, params);
    }

    private Runbook findRunbook(Agent agent, AgentConfig config) {
        boolean isFile = target.endsWith(".groovy") || target.contains("/");
        if (isFile && !Files.exists(Path.of(target))) {
            throw new UsageException(
                    "there is no file " + target, "give a runbook's file, or its name: see 'watchkeeper list'.");
        }
        LoadResult loaded = agent.loader().load(List.of(isFile ? Path.of(target) : config.runbooks()));
        if (isFile) {
            return onlyOne(loaded.runbooks(), loaded.problems());
        }
        for (Runbook runbook : loaded.runbooks()) {
            if (runbook.name().equals(target)) {
                return runbook;
            }
        }
        List<String> names =
                loaded.runbooks().stream().map(Runbook::name).sorted().toList();
        if (!loaded.problems().isEmpty()) {
            List<Problem> all = new ArrayList<>(loaded.problems());
            all.add(Problem.of(
                    config.runbooks().toString(), "no runbook named '" + target + "' could be loaded", null));
            throw new ProblemsException(all);
        }
        throw new UsageException(
                "there is no runbook '" + target + "' for role " + config.host().role() + " in " + config.runbooks(),
                shipped(config)
                        + Suggestion.didYouMean(target, names)
                        + (names.isEmpty() ? "The folder holds none." : "Loaded: " + String.join(", ", names) + "."));
    }

    /** Hints of the agent name the runbooks that come with it, and the configured folder is empty at first. */
    private String shipped(AgentConfig config) {
        return ShippedRunbooks.find(target)
                .filter(file -> !Files.exists(config.runbooks().resolve(file.getFileName())))
                .map(file -> "One comes with the program: watchkeeper run " + file + "; copied into "
                        + config.runbooks() + ", it has its name. ")
                .orElse("");
    }

    private Runbook onlyOne(List<Runbook> runbooks, List<Problem> problems) {
        if (!problems.isEmpty()) {
            throw new ProblemsException(problems);
        }
        if (runbooks.isEmpty()) {
            throw new UsageException(
                    target + " holds no runbook for this host's role",
                    "see its 'role' line, or host.role in the configuration.");
        }
        if (runbooks.size() > 1) {
            throw new UsageException(
                    target + " holds " + runbooks.size() + " runbooks: "
                            + String.join(
                                    ", ", runbooks.stream().map(Runbook::name).toList()),
                    "put the file into the runbooks folder and run one by its name.");
        }
        return runbooks.get(0);
    }
}
