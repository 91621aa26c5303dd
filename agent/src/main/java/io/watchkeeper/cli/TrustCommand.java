package io.watchkeeper.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** All about which runbooks may be loaded. */
@Command(
        name = "trust",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Lists runbooks with their checksums, signs that list, and checks what the agent would load.")
final class TrustCommand {

    /** In the order of the help. */
    private static final Map<String, Function<Invocation, Object>> SUBCOMMANDS = subcommands();

    private TrustCommand() {}

    private static Map<String, Function<Invocation, Object>> subcommands() {
        Map<String, Function<Invocation, Object>> all = new LinkedHashMap<>();
        all.put("sign", TrustSignCommand::new);
        all.put("verify", TrustVerifyCommand::new);
        all.put("list", TrustListCommand::new);
        return all;
    }

    /** The command with all that can be done. */
    static CommandLine with(Invocation invocation) {
        CommandLine command = new CommandLine(new TrustCommand());
        SUBCOMMANDS.forEach((name, subcommand) -> command.addSubcommand(name, subcommand.apply(invocation)));
        return command;
    }
}
