package io.watchkeeper.checklist;

import io.watchkeeper.engine.RunListener;
import io.watchkeeper.engine.RunReports;
import io.watchkeeper.measures.Measurement;
import io.watchkeeper.measures.Measurements;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.Checklist;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.VerbResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a report when a checklist has been gone through, however that ended. Also notes what restore drills took, of any run: trends need
 * it, and no server knows it.
 */
public final class ChecklistReports implements RunListener {

    private static final Logger LOG = LoggerFactory.getLogger(ChecklistReports.class);

    private final Path state;
    private final Measurements measurements;
    private final Clock clock;
    private final Consumer<Written> whenWritten;

    /**
     * A report that is on the disk.
     *
     * @param folder that holds its files
     * @param subject the report in a line, in the host's language
     * @param text its file as Markdown in that language
     * @param page its file as HTML in that language
     */
    public record Written(ChecklistReport report, Path folder, String subject, String text, String page) {

        static Written of(ChecklistReport report, Path folder, ZoneId zone) {
            Locale language = ReportWords.LANGUAGES.stream()
                    .filter(one -> one.getLanguage().equals(Locale.getDefault().getLanguage()))
                    .findFirst()
                    .orElse(Locale.ENGLISH);
            ReportWords words = new ReportWords(language, zone);
            return new Written(
                    report,
                    folder,
                    report.state().shape() + " " + report.host() + ", " + words.title(report) + ": "
                            + words.verdict(report),
                    ReportFiles.markdown(language),
                    ReportFiles.html(language));
        }
    }

    /**
     * @param state the agent's state directory
     * @param whenWritten is told of each report once it is kept; it must not throw
     */
    public ChecklistReports(Path state, Measurements measurements, Clock clock, Consumer<Written> whenWritten) {
        this.state = state;
        this.measurements = measurements;
        this.clock = clock;
        this.whenWritten = whenWritten;
    }

    @Override
    public void runFinished(RunOutcome run) {
        if (run.dryRun()) {
            return;
        }
        noteDrills(run);
        Checklist kind = run.checklist();
        // One that was skipped by a guard or a lock has gone through nothing, and the report of the last one stands.
        if (kind == null || run.steps().isEmpty()) {
            return;
        }
        try {
            ChecklistReport report = ReportMaking.of(run, kind, measurements);
            Path folder = RunReports.folder(state, run.runId());
            ReportFiles.write(report, folder, clock.getZone());
            whenWritten.accept(Written.of(report, folder, clock.getZone()));
        } catch (IOException | OperatorException e) {
            LOG.error("the report of {} run {} cannot be written: {}", run.runbook(), run.runId(), e.getMessage());
        }
    }

    private void noteDrills(RunOutcome run) {
        List<Measurement> figures = new ArrayList<>();
        run.steps().stream()
                .flatMap(step -> step.results().stream())
                .filter(result -> result.verb().equals("pitrDrill"))
                .forEach(result -> {
                    note(figures, result, "rpoSeconds", "restore_rpo_seconds");
                    note(figures, result, "rtoSeconds", "restore_rto_seconds");
                });
        try {
            measurements.note(run.startedAt(), figures);
        } catch (OperatorException e) {
            LOG.warn("what the drill of run {} took cannot be noted: {}", run.runId(), e.getMessage());
        }
    }

    private static void note(List<Measurement> figures, VerbResult result, String field, String metric) {
        if (result.fields().get("database") instanceof String database
                && result.fields().get(field) instanceof Number value) {
            figures.add(new Measurement(database, metric, "", value.doubleValue()));
        }
    }
}
