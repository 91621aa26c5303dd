package io.watchkeeper.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** All about the tokens of the HTTP API. */
@Command(
        name = "token",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Makes, lists and revokes tokens for the HTTP API, in the file that http.tokensFile names.")
final class TokenCommand {

    private TokenCommand() {}

    static CommandLine with(Invocation invocation) {
        return new CommandLine(new TokenCommand())
                .addSubcommand("new", new TokenNewCommand(invocation))
                .addSubcommand("list", new TokenListCommand(invocation))
                .addSubcommand("revoke", new TokenRevokeCommand(invocation));
    }
}
