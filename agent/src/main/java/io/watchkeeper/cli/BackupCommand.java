package io.watchkeeper.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** All about backups. */
@Command(
        name = "backup",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Makes, shows, checks and expires backups, in the repository that the configuration names.")
final class BackupCommand {

    /** In the order of the help. */
    private static final Map<String, Function<Invocation, Object>> SUBCOMMANDS = subcommands();

    private BackupCommand() {}

    private static Map<String, Function<Invocation, Object>> subcommands() {
        Map<String, Function<Invocation, Object>> all = new LinkedHashMap<>();
        all.put("dump", BackupDumpCommand::new);
        all.put("base", BackupBaseCommand::new);
        all.put("list", BackupListCommand::new);
        all.put("show", BackupShowCommand::new);
        all.put("verify", BackupVerifyCommand::new);
        all.put("expire", BackupExpireCommand::new);
        all.put("hold", BackupHoldCommand::new);
        all.put("release", BackupReleaseCommand::new);
        return all;
    }

    /** The command with all that can be done. */
    static CommandLine with(Invocation invocation) {
        CommandLine command = new CommandLine(new BackupCommand());
        SUBCOMMANDS.forEach((name, subcommand) -> command.addSubcommand(name, subcommand.apply(invocation)));
        return command;
    }
}
