package io.watchkeeper.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** All about the audit trail. */
@Command(
        name = "audit",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Searches, verifies and exports the record of who did what on this host.")
final class AuditCommand {

    private AuditCommand() {}

    /** The command with all that can be done. */
    static CommandLine with(Invocation invocation) {
        CommandLine command = new CommandLine(new AuditCommand());
        command.addSubcommand("search", new AuditSearchCommand(invocation));
        command.addSubcommand("verify", new AuditVerifyCommand(invocation));
        command.addSubcommand("export", new AuditExportCommand(invocation));
        return command;
    }
}
