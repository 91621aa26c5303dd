package io.watchkeeper.cli;

import io.watchkeeper.access.AccessToken;
import io.watchkeeper.access.Network;
import io.watchkeeper.access.Scope;
import io.watchkeeper.access.TokensFile;
import java.time.Instant;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists the tokens; what they are is not known any more. */
@Command(name = "list", mixinStandardHelpOptions = true, description = "Lists the tokens and what they are good for.")
final class TokenListCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Option(names = "--json", description = "one JSON document on standard output")
    private boolean json;

    TokenListCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        TokensFile file = TokenWork.file(invocation.config());
        List<AccessToken> tokens = file.read();
        if (json) {
            invocation.printJson(tokens.stream().map(TokenWork::document).toList());
        } else if (tokens.isEmpty()) {
            invocation.terminal().print("There is no token in " + file.path() + ".");
        } else {
            invocation.terminal().print(table(tokens, invocation.clock().instant()));
        }
        return ExitStatus.OK;
    }

    private String table(List<AccessToken> tokens, Instant now) {
        return Table.of(
                invocation.terminal(),
                tokens,
                Table.column("NAME", AccessToken::name),
                Table.column(
                        "SCOPES",
                        t -> new TreeSet<>(t.scopes()).stream().map(Scope::word).collect(Collectors.joining(", "))),
                Table.column("CREATED", t -> time(t.created())),
                Table.column("EXPIRES", t -> t.isExpired(now) ? "expired" : time(t.expires())),
                Table.column(
                        "NETWORKS",
                        t -> t.networks().isEmpty()
                                ? "everywhere"
                                : t.networks().stream().map(Network::toString).collect(Collectors.joining(", "))));
    }

    private static String time(@Nullable Instant at) {
        return at == null ? "-" : at.toString();
    }
}
