package io.watchkeeper.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** All about migrations of a schema. */
@Command(
        name = "migrate",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description =
                "Plans, deploys, takes back and verifies the migrations of a Sqitch project, meta.migrations in the configuration.")
final class MigrateCommand {

    /** In the order of the help. */
    private static final Map<String, Function<Invocation, Object>> SUBCOMMANDS = subcommands();

    private MigrateCommand() {}

    private static Map<String, Function<Invocation, Object>> subcommands() {
        Map<String, Function<Invocation, Object>> all = new LinkedHashMap<>();
        all.put("plan", MigratePlanCommand::new);
        all.put("deploy", MigrateDeployCommand::new);
        all.put("revert", MigrateRevertCommand::new);
        all.put("verify", MigrateVerifyCommand::new);
        all.put("status", MigrateStatusCommand::new);
        all.put("approve", MigrateApproveCommand::new);
        return all;
    }

    /** The command with all that can be done. */
    static CommandLine with(Invocation invocation) {
        CommandLine command = new CommandLine(new MigrateCommand());
        SUBCOMMANDS.forEach((name, subcommand) -> command.addSubcommand(name, subcommand.apply(invocation)));
        return command;
    }
}
