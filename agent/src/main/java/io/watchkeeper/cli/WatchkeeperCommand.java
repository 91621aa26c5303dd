package io.watchkeeper.cli;

import io.watchkeeper.problem.Problem;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The program: reads its arguments, runs one subcommand, and says how it ended by its exit status. */
@Command(
        name = "watchkeeper",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "The PostgreSQL operations agent for fleets.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Exit status: 0 succeeded, 1 failed, 2 usage, configuration or runbook error (nothing was run),",
            "3 skipped, 4 cancelled, 5 timed out. 'status', 'doctor' and others that judge end with 1 when something"
                    + " is wrong."
        })
public final class WatchkeeperCommand implements Runnable {

    static {
        // Else picocli loads and starts Groovy, to look for annotations that only Groovy programs have: 90 ms.
        System.setProperty("picocli.disable.closures", "true");
    }

    /** In the order of the help. */
    private static final Map<String, Function<Invocation, Object>> SUBCOMMANDS = subcommands();

    private final Invocation invocation;

    @CommandLine.Spec
    private CommandLine.Model.@Nullable CommandSpec spec;

    private WatchkeeperCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Option(
            names = "--config",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "the configuration; else WATCHKEEPER_CONFIG, else /etc/watchkeeper/watchkeeper.yaml")
    void config(Path file) {
        invocation.useConfig(file);
    }

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "stack traces of errors on the terminal")
    void debug(boolean debug) {
        invocation.setDebug(debug);
    }

    @Option(
            names = "--color",
            paramLabel = "WHEN",
            scope = ScopeType.INHERIT,
            description = "colours: auto (on a terminal, unless NO_COLOR is set), always, never")
    void color(Terminal.ColourMode mode) {
        invocation.terminal().colour(mode);
    }

    /** Runs the program. @return the exit status */
    public static int execute(
            String[] arguments, Map<String, String> environment, Clock clock, PrintStream out, PrintStream err) {
        Terminal terminal = new Terminal(out, err, environment);
        Invocation invocation = new Invocation(environment, clock, terminal);
        CommandLine program = new CommandLine(new WatchkeeperCommand(invocation));
        addSubcommands(program, invocation, arguments);
        program.setOut(new java.io.PrintWriter(out, true, java.nio.charset.StandardCharsets.UTF_8));
        program.setErr(new java.io.PrintWriter(err, true, java.nio.charset.StandardCharsets.UTF_8));
        program.setUsageHelpAutoWidth(false);
        ErrorReport report = new ErrorReport(invocation);
        program.setExecutionExceptionHandler((exception, command, parsed) -> report.failed(exception, arguments));
        program.setParameterExceptionHandler(report::misused);
        return program.execute(arguments);
    }

    private static Map<String, Function<Invocation, Object>> subcommands() {
        Map<String, Function<Invocation, Object>> all = new LinkedHashMap<>();
        all.put("agent", AgentCommand::new);
        all.put("demo", DemoCommand::new);
        all.put("run", RunCommand::new);
        all.put("copy", CopyCommand::new);
        all.put("sync", SyncCommand::new);
        all.put("verify", VerifyCommand::new);
        all.put("backup", BackupCommand::with);
        all.put("restore", RestoreCommand::new);
        all.put("drill", DrillCommand::new);
        all.put("switchover", SwitchoverCommand::new);
        all.put("tenant", TenantCommand::with);
        all.put("migrate", MigrateCommand::with);
        all.put("bench", BenchCommand::with);
        all.put("new", NewCommand::new);
        all.put("validate", ValidateCommand::new);
        all.put("explain", ExplainCommand::new);
        all.put("list", ListCommand::new);
        all.put("status", StatusCommand::new);
        all.put("replication", ReplicationCommand::new);
        all.put("checklist", ChecklistCommand::new);
        all.put("history", HistoryCommand::new);
        all.put("show", ShowCommand::new);
        all.put("trigger", TriggerCommand::new);
        all.put("cancel", CancelCommand::new);
        all.put("pause", PauseCommand::new);
        all.put("resume", ResumeCommand::new);
        all.put("token", TokenCommand::with);
        all.put("audit", AuditCommand::with);
        all.put("trust", TrustCommand::with);
        all.put("doctor", DoctorCommand::new);
        all.put("editor", EditorCommand::new);
        all.put("manual", ManualCommand::new);
        return all;
    }

    /** Those that the arguments may mean: reading the annotations of all takes longer than the work of most. */
    private static void addSubcommands(CommandLine program, Invocation invocation, String[] arguments) {
        Map<String, Function<Invocation, Object>> wanted = SUBCOMMANDS;
        if (arguments.length > 0 && SUBCOMMANDS.containsKey(arguments[0])) {
            wanted = Map.of(arguments[0], SUBCOMMANDS.get(arguments[0]));
        }
        wanted.forEach((name, subcommand) -> program.addSubcommand(subcommand.apply(invocation)));
    }

    /** With every subcommand, to be described. */
    static CommandLine whole(Invocation invocation) {
        CommandLine program = new CommandLine(new WatchkeeperCommand(invocation));
        addSubcommands(program, invocation, new String[0]);
        program.setUsageHelpAutoWidth(false);
        return program;
    }

    @Override
    public void run() {
        if (spec != null) {
            spec.commandLine().usage(spec.commandLine().getOut());
        }
    }

    static String count(List<Problem> problems) {
        return problems.size() == 1 ? "1 problem" : problems.size() + " problems";
    }
}
