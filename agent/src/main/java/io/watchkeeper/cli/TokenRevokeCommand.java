package io.watchkeeper.cli;

import io.watchkeeper.access.AccessToken;
import io.watchkeeper.access.TokensFile;
import io.watchkeeper.config.AgentConfig;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes a token out of the file. */
@Command(
        name = "revoke",
        mixinStandardHelpOptions = true,
        description = "Revokes a token: a running agent takes it no more, and pages that were signed in with it end.")
final class TokenRevokeCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Parameters(index = "0", paramLabel = "NAME", description = "the token's name")
    private String name = "";

    @Option(names = "--json", description = "one JSON document on standard output")
    private boolean json;

    TokenRevokeCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        AgentConfig config = invocation.config();
        TokensFile file = TokenWork.file(config);
        AccessToken revoked = file.revoke(name);
        // Afterwards: a token that should be good no more must not stay good because the record cannot be written.
        invocation.audit(config).record(TokenWork.event("token.revoked", revoked));
        if (json) {
            invocation.printJson(TokenWork.document(revoked));
        } else {
            invocation.terminal().print("Token " + name + " is revoked.");
        }
        return ExitStatus.OK;
    }
}
