package io.watchkeeper.cli;

import io.watchkeeper.access.AccessToken;
import io.watchkeeper.access.Network;
import io.watchkeeper.access.Scope;
import io.watchkeeper.access.TokensFile;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a token; it is shown this once. */
@Command(
        name = "new",
        mixinStandardHelpOptions = true,
        description =
                "Makes a token and prints it, this once: the file keeps its digest only. A running agent takes it at once.")
final class TokenNewCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Parameters(index = "0", paramLabel = "NAME", description = "whose it is; stands in the audit and in approvals")
    private String name = "";

    @Option(
            names = "--scope",
            required = true,
            split = ",",
            paramLabel = "SCOPE",
            description = "what it is good for: read, run, admin, approve; several separated by commas")
    private List<String> scopes = new ArrayList<>();

    @Option(names = "--expires", paramLabel = "TIME", description = "how long it is good, as 90d; else until revoked")
    private @Nullable String expires;

    @Option(
            names = "--network",
            split = ",",
            paramLabel = "NETWORK",
            description = "where it is good, as 10.0.0.0/8; may be given several times; else everywhere")
    private List<String> networks = new ArrayList<>();

    @Option(names = "--json", description = "one JSON document on standard output")
    private boolean json;

    TokenNewCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        if (!AccessToken.isName(name)) {
            throw new UsageException(
                    "'" + name + "' is no name for a token",
                    "Use letters, digits, dots, dashes and underscores, 63 at most.");
        }
        AgentConfig config = invocation.config();
        TokensFile file = TokenWork.file(config);
        Instant now = invocation.clock().instant().truncatedTo(ChronoUnit.SECONDS);
        String text = AccessToken.random();
        AccessToken token = new AccessToken(
                name, AccessToken.digest(text), scopes(), now, expires == null ? null : end(now, expires), networks());
        if (file.read().stream().anyMatch(t -> t.name().equals(name))) {
            throw new OperatorException(
                    "there is a token " + name + " already in " + file.path(),
                    "Choose another name, or first: watchkeeper token revoke " + name);
        }
        invocation.audit(config).record(TokenWork.event("token.created", token));
        file.add(token);
        print(token, text);
        return ExitStatus.OK;
    }

    private void print(AccessToken token, String text) {
        if (json) {
            Map<String, Object> document = new LinkedHashMap<>(TokenWork.document(token));
            document.put("token", text);
            invocation.printSecretJson(document);
            return;
        }
        // The token alone on standard output, so that it can be put where it belongs without passing over a screen.
        invocation.terminal().error("Token " + name + ", shown only now:");
        invocation.terminal().print(text);
    }

    private Set<Scope> scopes() {
        Set<Scope> read = EnumSet.noneOf(Scope.class);
        for (String word : scopes) {
            read.add(Scope.ofWord(word.strip())
                    .orElseThrow(() -> new UsageException(
                            "--scope: there is no scope '" + word + "'",
                            Suggestion.didYouMean(word, Scope.words()) + "Scopes: " + String.join(", ", Scope.words())
                                    + ".")));
        }
        return read;
    }

    private List<Network> networks() {
        List<Network> read = new ArrayList<>();
        for (String text : networks) {
            read.add(Network.parse(text.strip())
                    .orElseThrow(() -> new UsageException(
                            "--network: '" + text + "' is not a network", "Write it as 10.0.0.0/8 or fd00::/64.")));
        }
        return read;
    }

    private static Instant end(Instant now, String text) {
        Duration life = PairOptions.time("--expires", text);
        if (life.isZero() || life.isNegative()) {
            throw new UsageException("--expires is '" + text + "': the token would never be good", "For example 90d.");
        }
        return now.plus(life);
    }
}
