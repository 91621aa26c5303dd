package io.watchkeeper.cli;

import io.watchkeeper.HostLook;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.config.ConfigLoader;
import io.watchkeeper.dsl.LoadResult;
import io.watchkeeper.problem.Problem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says everything that is wrong, at once, and runs nothing. */
@Command(
        name = "validate",
        mixinStandardHelpOptions = true,
        description = "Shows every problem of the configuration and the runbooks at once; runs nothing.")
final class ValidateCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Parameters(paramLabel = "FILE|DIR", description = "runbooks to check; default: the configured folder")
    private List<Path> paths = new ArrayList<>();

    @Option(names = "--json", description = "one JSON document on standard output")
    private boolean json;

    ValidateCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        List<Problem> problems = new ArrayList<>();
        List<Problem> warnings = new ArrayList<>();
        Optional<AgentConfig> config = readConfig(problems, warnings);
        List<Path> targets = new ArrayList<>(paths);
        if (paths.isEmpty()) {
            config.ifPresent(c -> targets.add(c.runbooks()));
        }
        LoadResult loaded =
                HostLook.loaderForChecking(config, invocation.clock()).load(targets);
        problems.addAll(loaded.problems());
        report(problems, warnings, loaded.files(), loaded.runbooks().size());
        return problems.isEmpty() ? ExitStatus.OK : ExitStatus.USAGE;
    }

    /** A configuration nobody named may be missing when files were: then database names are not checked. */
    private Optional<AgentConfig> readConfig(List<Problem> problems, List<Problem> warnings) {
        if (!paths.isEmpty() && !invocation.configWasNamed() && !Files.exists(invocation.configFile())) {
            warnings.add(Problem.of(
                    invocation.configFile().toString(),
                    "does not exist, so database names were not checked",
                    "name the configuration with --config FILE or WATCHKEEPER_CONFIG."));
            return Optional.empty();
        }
        ConfigLoader.Loaded loaded = invocation.loadConfig();
        problems.addAll(loaded.problems());
        warnings.addAll(loaded.warnings());
        return loaded.config();
    }

    private void report(List<Problem> problems, List<Problem> warnings, int files, int runbooks) {
        if (json) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("files", files);
            document.put("runbooks", runbooks);
            document.put(
                    "problems",
                    problems.stream().sorted().map(ValidateCommand::fields).toList());
            document.put(
                    "warnings",
                    warnings.stream().sorted().map(ValidateCommand::fields).toList());
            invocation.printJson(document);
            return;
        }
        Terminal terminal = invocation.terminal();
        warnings.stream().sorted().forEach(warning -> terminal.error("warning: " + warning));
        problems.stream().sorted().forEach(problem -> terminal.print(problem.toString()));
        if (problems.isEmpty()) {
            terminal.print(
                    runbooks + (runbooks == 1 ? " runbook in " : " runbooks in ") + files(files) + ", no problems.");
        } else {
            long wrong = problems.stream().map(Problem::file).distinct().count();
            terminal.print(WatchkeeperCommand.count(problems) + " in " + wrong + " of "
                    + files((int) Math.max(files, wrong)) + ". Nothing was run.");
        }
    }

    private static String files(int n) {
        return n == 1 ? "1 file" : n + " files";
    }

    static Map<String, Object> fields(Problem problem) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("file", problem.file());
        fields.put("line", problem.line());
        fields.put("column", problem.column());
        fields.put("message", problem.message());
        if (problem.hint() != null) {
            fields.put("hint", problem.hint());
        }
        return fields;
    }
}
