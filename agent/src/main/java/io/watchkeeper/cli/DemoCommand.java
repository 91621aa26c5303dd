package io.watchkeeper.cli;

import io.watchkeeper.Agent;
import io.watchkeeper.Daemon;
import io.watchkeeper.cli.Terminal.Colour;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.config.ConfigLoader;
import io.watchkeeper.demo.DemoChanges;
import io.watchkeeper.demo.DemoFleet;
import io.watchkeeper.demo.DemoSummary;
import io.watchkeeper.engine.RunRequest;
import io.watchkeeper.logging.AgentLog;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunDocument;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.units.DurationText;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A shore and a ship on this machine, with data, the shipped runbooks and the page; nothing of it stays. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description =
                "Starts a shore with a standby, and a ship, with a million rows, the shipped runbooks and the status"
                        + " page. Ctrl-C removes all of it.")
final class DemoCommand implements Callable<Integer> {

    private static final String MAIN_JOB = "fleet-copy";

    private final Invocation invocation;

    @Option(
            names = "--once",
            description = "back up, copy all rows, bring what changes, find and repair a planted difference, drill the"
                    + " restore, remedy a standby that falls behind, print a summary, and end")
    private boolean once;

    DemoCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws SQLException {
        Terminal terminal = invocation.terminal();
        terminal.print("Starting a shore with a standby, and a ship, with about a million rows …");
        long begin = System.nanoTime();
        try (DemoFleet fleet = DemoFleet.start(ShippedRunbooks.folder())) {
            terminal.print("Ready after " + DurationText.say(Duration.ofNanos(System.nanoTime() - begin)) + ", in "
                    + fleet.folder());
            AgentConfig config = configOf(fleet);
            return once ? runOnce(fleet, config) : serve(fleet, config);
        }
    }

    private AgentConfig configOf(DemoFleet fleet) {
        ConfigLoader.Loaded loaded = new ConfigLoader(Map.of()).load(fleet.configFile());
        return loaded.config().orElseThrow(() -> new ProblemsException(loaded.problems()));
    }

    /**
     * A day in the life of a fleet: a backup, all rows aboard, then what changed, then a slip aboard that is found and repaired, and in the
     * end proof that what was lost ashore comes back.
     */
    private int runOnce(DemoFleet fleet, AgentConfig config) throws SQLException {
        Terminal terminal = invocation.terminal();
        RunDisplay display = new RunDisplay(invocation, false);
        try (Agent agent = Agent.open(config, invocation.clock(), history -> List.of(display))) {
            Map<String, Runbook> runbooks = runbooks(agent, config.runbooks());
            Database shore = agent.databases().database("shore");
            Database ship = agent.databases().database("ship");
            if (fleet.makesBackups() && !backUp(agent, runbooks, display)) {
                return ExitStatus.FAILED;
            }
            long backedUp = System.nanoTime();
            RunOutcome copied = run(agent, runbooks, MAIN_JOB, Map.of(), display);
            if (copied.state() != RunState.SUCCEEDED) {
                return copied.state().exitStatus();
            }
            DemoChanges.Ashore changes = DemoChanges.ashore(shore);
            terminal.print("");
            terminal.print("Ashore, " + Wording.grouped(changes.changed()) + " rows are changed, "
                    + Wording.grouped(changes.added()) + " added and " + Wording.grouped(changes.deleted())
                    + " deleted; the ship's next round:");
            RunOutcome synced = run(agent, runbooks, "ship-sync", Map.of(), display);
            if (synced.state() != RunState.SUCCEEDED) {
                return synced.state().exitStatus();
            }
            long planted = DemoChanges.aboard(ship);
            terminal.print("");
            terminal.print("Somebody's hand slips aboard, over " + planted
                    + " rows; the next night, with a repair asked for:");
            RunOutcome verified = run(agent, runbooks, "integrity-verify", Map.of("repair", "apply"), display);
            if (verified.state() != RunState.SUCCEEDED) {
                return verified.state().exitStatus();
            }
            // While the restore is drilled, the standby falls behind far enough.
            fleet.beforeClose(fleet.induceLag()::close);
            if (fleet.makesBackups() && !drill(agent, runbooks, display, backedUp)) {
                return ExitStatus.FAILED;
            }
            terminal.print("");
            terminal.print(
                    "Meanwhile somebody reads a long report on the standby, and what it reads was vacuumed ashore:");
            DemoLagStory story = new DemoLagStory(agent, config, terminal, invocation.clock());
            if (!story.tell(name -> run(agent, runbooks, name, Map.of(), display))) {
                return ExitStatus.FAILED;
            }
            terminal.print("");
            terminal.print(
                    "The next morning's checklist, after somebody went home in the middle of a transaction, and more:");
            DemoMorning morning =
                    new DemoMorning(fleet, config, terminal, invocation.clock().getZone());
            if (!morning.tell(params -> run(agent, runbooks, DemoMorning.CHECKLIST, params, display))) {
                return ExitStatus.FAILED;
            }
            terminal.print("");
            terminal.print("Both servers, compared once more from outside:");
            DemoSummary summary = DemoSummary.of(copied, shore, ship);
            print(summary);
            terminal.print(Wording.grouped(sum(synced, "rowsWritten")) + " rows changed and "
                    + Wording.grouped(sum(synced, "rowsDeleted")) + " deleted aboard by ship-sync; "
                    + sum(verified, "found") + " differences found and " + sum(verified, "repaired")
                    + " repaired by integrity-verify.");
            boolean allFound = sum(verified, "found") == planted && sum(verified, "repaired") == planted;
            return summary.allSame() && allFound ? ExitStatus.OK : ExitStatus.FAILED;
        }
    }

    private boolean drill(Agent agent, Map<String, Runbook> runbooks, RunDisplay display, long backedUp) {
        Terminal terminal = invocation.terminal();
        terminal.print("");
        // On a fast machine the backup is younger than that, and nothing leads to a moment before it.
        long sinceBackup = Duration.ofNanos(System.nanoTime() - backedUp).toSeconds();
        long back = Math.max(1, Math.min(DemoTour.SECONDS_BACK, sinceBackup - 1));
        terminal.print(
                "And if the shore were lost? A drill brings back how it was " + back + " seconds ago, beside it:");
        RunOutcome archived = run(agent, runbooks, "wal-archive", Map.of(), display);
        RunOutcome drilled = run(agent, runbooks, "pitr-drill", Map.of("to", back + " seconds ago"), display);
        return archived.state() == RunState.SUCCEEDED && drilled.state() == RunState.SUCCEEDED;
    }

    private boolean backUp(Agent agent, Map<String, Runbook> runbooks, RunDisplay display) {
        invocation.terminal().print("First of all, a base backup of the shore, and its log:");
        // In this order: the log is archived from the last checkpoint on, which the backup makes.
        RunOutcome saved = run(agent, runbooks, "base-backup-hourly", Map.of(), display);
        RunOutcome archived = run(agent, runbooks, "wal-archive", Map.of(), display);
        invocation.terminal().print("");
        return archived.state() == RunState.SUCCEEDED && saved.state() == RunState.SUCCEEDED;
    }

    private RunOutcome run(
            Agent agent, Map<String, Runbook> runbooks, String name, Map<String, String> params, RunDisplay display) {
        Runbook runbook = runbooks.get(name);
        if (runbook == null) {
            throw new OperatorException("the shipped runbooks hold no '" + name + "'", null);
        }
        RunOutcome outcome = agent.runner().run(new RunRequest(runbook, RunTrigger.CLI, params, false));
        display.close();
        new RunPrinter(invocation.terminal(), invocation.clock().getZone())
                .outcome(Invocation.tree(RunDocument.of(outcome)));
        return outcome;
    }

    private static Map<String, Runbook> runbooks(Agent agent, Path folder) {
        var loaded = agent.loader().load(List.of(folder));
        if (!loaded.problems().isEmpty()) {
            throw new ProblemsException(loaded.problems());
        }
        return loaded.runbooks().stream().collect(Collectors.toMap(Runbook::name, Function.identity()));
    }

    /** A number of all results of a run. */
    private static long sum(RunOutcome run, String field) {
        return run.steps().stream()
                .flatMap(step -> step.results().stream())
                .mapToLong(result -> result.fields().get(field) instanceof Number number ? number.longValue() : 0)
                .sum();
    }

    private void print(DemoSummary summary) {
        Terminal terminal = invocation.terminal();
        terminal.print(Table.of(
                terminal,
                summary.tables(),
                Table.column(" ", table -> terminal.mark(table.same() ? "succeeded" : "failed")),
                Table.column("table", DemoSummary.Table::name),
                Table.right("rows ashore", table -> Wording.grouped(table.rowsAshore())),
                Table.right("rows aboard", table -> Wording.grouped(table.rowsAboard())),
                Table.column("contents", table -> table.same() ? "the same" : "different"),
                Table.right(
                        "copied in",
                        table -> table.copyTime().map(DurationText::say).orElse("–"))));
        terminal.print(
                summary.allSame()
                        ? Wording.grouped(summary.rows()) + " rows aboard, the same as ashore."
                        : "The servers differ.");
    }

    private int serve(DemoFleet fleet, AgentConfig config) {
        Terminal terminal = invocation.terminal();
        AgentLog.reportEvents();
        Daemon daemon = Daemon.start(config, invocation.clock(), Map.of());
        fleet.beforeClose(DemoTour.start(config, fleet)::close);
        // Also on Ctrl-C: the fleet's own hook closes it, and the agent stops while the servers still answer.
        fleet.beforeClose(daemon::stop);
        terminal.print("");
        terminal.print(" " + terminal.paint(Colour.BOLD, "Status page   " + fleet.page()));
        terminal.print(" Runbooks      " + fleet.runbooks() + "   (edit one: it is loaded within two seconds)");
        terminal.print(" In a second terminal:");
        terminal.print("   export WATCHKEEPER_CONFIG=" + fleet.configFile());
        terminal.print("   watchkeeper list");
        terminal.print("   watchkeeper run " + MAIN_JOB + " --dry-run");
        terminal.print("   watchkeeper trigger " + MAIN_JOB);
        terminal.print("   watchkeeper run ship-sync");
        terminal.print("   watchkeeper run integrity-verify");
        terminal.print("   watchkeeper replication");
        terminal.print("   watchkeeper checklist");
        if (fleet.makesBackups()) {
            terminal.print("   watchkeeper backup list");
            terminal.print("   watchkeeper run pitr-drill -P to='1 minute ago'");
        } else {
            terminal.print(" Without backups: PostgreSQL's client programs are not on this host (apt install"
                    + " postgresql-client).");
        }
        terminal.print(" psql ashore   " + fleet.psqlCommand("shore"));
        terminal.print(" psql aboard   " + fleet.psqlCommand("ship"));
        terminal.print(" psql standby  " + fleet.psqlCommand("standby"));
        terminal.print(" Token         " + fleet.tokenFile() + "   (the page asks for it before it changes anything)");
        terminal.print("");
        terminal.print("Ctrl-C ends the demo and removes all of it.");
        daemon.awaitStop();
        return ExitStatus.OK;
    }
}
