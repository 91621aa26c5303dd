package io.watchkeeper.cli;

import io.watchkeeper.HostLook;
import io.watchkeeper.cli.Terminal.Colour;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.dsl.Explanation;
import io.watchkeeper.dsl.LoadResult;
import io.watchkeeper.dsl.RunbookExplainer;
import io.watchkeeper.problem.Suggestion;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.schedule.Upcoming;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says what a runbook will do. Nothing is run, and no connection is opened. */
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description = "Says in plain words what a runbook will do and when; runs nothing.")
final class ExplainCommand implements Callable<Integer> {

    private static final int NEXT = 3;

    private final Invocation invocation;

    @Parameters(
            index = "0",
            paramLabel = "NAME|FILE.groovy",
            description = "a runbook of the configured folder, or a file of runbooks")
    private String target = "";

    @Option(names = "--language", paramLabel = "en|ko", description = "default: ko where LANG says so, else en")
    private @Nullable String language;

    @Option(names = "--json", description = "one JSON document on standard output")
    private boolean json;

    ExplainCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        Optional<AgentConfig> config = invocation.configWasNamed() || Files.exists(invocation.configFile())
                ? Optional.of(invocation.config())
                : Optional.empty();
        RunbookExplainer explainer = new RunbookExplainer(language());
        List<Object> documents = new ArrayList<>();
        for (Runbook runbook : find(config)) {
            Explanation explanation = explainer.explain(runbook);
            List<Instant> next = runbook.schedule() == null
                    ? List.of()
                    : Upcoming.after(invocation.clock().instant(), runbook.schedule(), NEXT);
            if (json) {
                documents.add(document(explanation, next));
            } else {
                print(runbook, explanation, next);
            }
        }
        if (json) {
            invocation.printJson(documents);
        }
        return ExitStatus.OK;
    }

    private Locale language() {
        if (language != null && !language.equals("en") && !language.equals("ko")) {
            throw new UsageException("--language is '" + language + "'", "give en or ko.");
        }
        Map<String, String> environment = invocation.environment();
        String usual = environment.getOrDefault("LC_ALL", "").isEmpty()
                ? environment.getOrDefault("LANG", "")
                : environment.get("LC_ALL");
        boolean korean = language == null ? String.valueOf(usual).startsWith("ko") : language.equals("ko");
        return korean ? Locale.KOREAN : Locale.ENGLISH;
    }

    private List<Runbook> find(Optional<AgentConfig> config) {
        boolean isFile = target.endsWith(".groovy") || target.contains("/");
        if (isFile && !Files.exists(Path.of(target))) {
            throw new UsageException(
                    "there is no file " + target, "give a runbook's file, or its name: see 'watchkeeper list'.");
        }
        Path where =
                isFile ? Path.of(target) : config.orElseGet(invocation::config).runbooks();
        LoadResult loaded =
                HostLook.loaderForChecking(config, invocation.clock()).load(List.of(where));
        List<Runbook> found = loaded.runbooks().stream()
                .filter(runbook -> isFile || runbook.name().equals(target))
                .toList();
        if (!found.isEmpty()) {
            return found;
        }
        if (!loaded.problems().isEmpty()) {
            throw new ProblemsException(loaded.problems());
        }
        List<String> names =
                loaded.runbooks().stream().map(Runbook::name).sorted().toList();
        throw new UsageException(
                isFile
                        ? target + " holds no runbook for this host's role"
                        : "there is no runbook '" + target + "' in " + where,
                Suggestion.didYouMean(target, names)
                        + (names.isEmpty()
                                ? "see its 'role' line, and name the configuration of such a host with --config."
                                : "Loaded: " + String.join(", ", names) + "."));
    }

    private void print(Runbook runbook, Explanation explanation, List<Instant> next) {
        Terminal terminal = invocation.terminal();
        String name = terminal.paint(Colour.BOLD, runbook.name());
        if (runbook.description().isEmpty()) {
            terminal.print(name);
        } else {
            terminal.prose(name + " · ", runbook.description());
        }
        terminal.print("");
        terminal.prose("", explanation.when());
        int n = 0;
        for (Explanation.Part step : explanation.steps()) {
            terminal.print(" " + ++n + " " + terminal.paint(Colour.BOLD, step.step()));
            step.deeds().forEach(deed -> terminal.prose("   · ", deed));
        }
        paragraph(explanation.rules());
        paragraph(explanation.failure());
        if (!next.isEmpty()) {
            terminal.print("");
            Instant now = invocation.clock().instant();
            terminal.prose(
                    "",
                    "◷ "
                            + String.join(
                                    ", ",
                                    next.stream()
                                            .map(time -> Wording.time(
                                                    time, invocation.clock().getZone()))
                                            .toList())
                            + " (" + Wording.in(next.get(0), now) + ")");
        }
    }

    private void paragraph(List<String> sentences) {
        if (!sentences.isEmpty()) {
            invocation.terminal().print("");
            sentences.forEach(sentence -> invocation.terminal().prose("- ", sentence));
        }
    }

    private static Map<String, Object> document(Explanation explanation, List<Instant> next) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("runbook", explanation.runbook());
        document.put("when", explanation.when());
        document.put(
                "steps",
                explanation.steps().stream()
                        .map(step -> Map.of("step", step.step(), "deeds", step.deeds()))
                        .toList());
        document.put("rules", explanation.rules());
        document.put("failure", explanation.failure());
        document.put("next", next.stream().map(Instant::toString).toList());
        return document;
    }
}
