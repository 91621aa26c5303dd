package io.watchkeeper.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.checklist.ReportFiles;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.demo.DemoFleet;
import io.watchkeeper.demo.DemoTrouble;
import io.watchkeeper.engine.RunReports;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunOutcome;
import java.sql.SQLException;
import java.util.Map;
import java.util.function.Function;

/** The demo's morning: trouble that has gathered is found by the daily checklist, which mends what it may and says what a person has to do. */
final class DemoMorning {

    static final String CHECKLIST = "checklist-daily";

    /** Nobody waits an hour in a demo. */
    static final Map<String, String> IMPATIENT = Map.of("failAtIdleSeconds", "1");

    private final DemoFleet fleet;
    private final AgentConfig config;
    private final Terminal terminal;
    private final java.time.ZoneId zone;

    DemoMorning(DemoFleet fleet, AgentConfig config, Terminal terminal, java.time.ZoneId zone) {
        this.fleet = fleet;
        this.config = config;
        this.terminal = terminal;
        this.zone = zone;
    }

    /** @param run goes through the checklist. @return whether it found what was planted and mended what it may */
    boolean tell(Function<Map<String, String>, RunOutcome> run) throws SQLException {
        try (DemoTrouble trouble = fleet.plantTrouble()) {
            long dead = trouble.deadRows();
            RunOutcome outcome = run.apply(IMPATIENT);
            JsonNode report = RunReports.read(config.state(), outcome.runId(), ReportFiles.JSON)
                    .map(Invocation::parse)
                    .orElseThrow(() -> new OperatorException("the checklist left no report", null));
            new ChecklistPrinter(terminal, zone).brief(report);
            String needs = report.path("now").toString();
            boolean found = needs.contains(DemoTrouble.SESSION) && needs.contains("work_orders");
            return found && dead > 0 && trouble.deadRows() == 0;
        }
    }
}
