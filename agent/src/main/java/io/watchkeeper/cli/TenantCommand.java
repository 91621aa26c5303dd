package io.watchkeeper.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** All about tenants. */
@Command(
        name = "tenant",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Makes, lists, proves, suspends, moves and drops the tenants of a metadata database.")
final class TenantCommand {

    /** In the order of the help. */
    private static final Map<String, Function<Invocation, Object>> SUBCOMMANDS = subcommands();

    private TenantCommand() {}

    private static Map<String, Function<Invocation, Object>> subcommands() {
        Map<String, Function<Invocation, Object>> all = new LinkedHashMap<>();
        all.put("create", TenantCreateCommand::new);
        all.put("list", TenantListCommand::new);
        all.put("verify", TenantVerifyCommand::new);
        all.put("suspend", TenantSuspendCommand::new);
        all.put("resume", TenantResumeCommand::new);
        all.put("move", TenantMoveCommand::new);
        all.put("drop", TenantDropCommand::new);
        return all;
    }

    /** The command with all that can be done. */
    static CommandLine with(Invocation invocation) {
        CommandLine command = new CommandLine(new TenantCommand());
        SUBCOMMANDS.forEach((name, subcommand) -> command.addSubcommand(name, subcommand.apply(invocation)));
        return command;
    }
}
