package io.watchkeeper.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.checklist.KeptReport;
import io.watchkeeper.checklist.ReportFiles;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.engine.RunReports;
import io.watchkeeper.history.RunHistory;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import io.watchkeeper.runbook.Checklist;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows the newest report of a checklist. Reports are files of this host, so no agent has to run. */
@Command(
        name = "checklist",
        mixinStandardHelpOptions = true,
        description =
                "Shows what the newest checklist came to: what to do now, what can wait, what the agent did by itself. Exit status 1"
                        + " when something has to be done now.")
final class ChecklistCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "KIND",
            description = "daily, weekly or monthly; else the newest")
    private @Nullable String kind;

    @Option(names = "--runbook", paramLabel = "NAME", description = "only this one's reports")
    private @Nullable String runbook;

    @Option(names = "--markdown", description = "the whole report as Markdown")
    private boolean markdown;

    @Option(names = "--json", description = "the report as one JSON document")
    private boolean json;

    ChecklistCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        AgentConfig config = invocation.config();
        KeptReport newest = newest(config);
        if (markdown) {
            String text = file(config, newest, ReportFiles.markdown(Locale.getDefault()))
                    .or(() -> file(config, newest, ReportFiles.markdown(Locale.ENGLISH)))
                    .orElseThrow(() -> gone(newest));
            invocation.terminal().print(text.stripTrailing());
        } else {
            JsonNode report =
                    Invocation.parse(file(config, newest, ReportFiles.JSON).orElseThrow(() -> gone(newest)));
            if (json) {
                invocation.printJson(report);
            } else {
                new ChecklistPrinter(invocation.terminal(), invocation.clock().getZone()).print(report);
            }
        }
        return newest.now() > 0 ? ExitStatus.FAILED : ExitStatus.OK;
    }

    private KeptReport newest(AgentConfig config) {
        Checklist wanted = wanted();
        List<KeptReport> reports = List.of();
        if (Files.exists(config.state().resolve("watchkeeper.db"))) {
            try (RunHistory history = RunHistory.openForReading(config.state(), invocation.clock())) {
                reports = KeptReport.of(history.lastChecklists(), config.state());
            }
        }
        return reports.stream()
                .filter(report -> wanted == null || report.kind() == wanted)
                .filter(report -> runbook == null || report.runbook().equals(runbook))
                .max(Comparator.comparing(KeptReport::startedAt))
                .orElseThrow(() -> new OperatorException(
                        "there is no report of a " + (wanted == null ? "" : wanted.wireName() + " ") + "checklist"
                                + (runbook == null ? "" : " '" + runbook + "'") + " on this host yet",
                        "go through one now: watchkeeper run checklist-"
                                + (wanted == null ? "daily" : wanted.wireName())));
    }

    private @Nullable Checklist wanted() {
        if (kind == null) {
            return null;
        }
        List<String> known =
                Arrays.stream(Checklist.values()).map(Checklist::wireName).toList();
        return Checklist.ofWireName(kind)
                .orElseThrow(() -> new UsageException(
                        "there is no kind of checklist '" + kind + "'",
                        Suggestion.didYouMean(String.valueOf(kind), known) + "Kinds: " + String.join(", ", known)
                                + "."));
    }

    private static Optional<String> file(AgentConfig config, KeptReport report, String name) {
        return RunReports.read(config.state(), report.runId(), name);
    }

    private static OperatorException gone(KeptReport report) {
        return new OperatorException(
                "the report of run " + report.runId() + " was removed meanwhile", "watchkeeper show " + report.runId());
    }
}
