package io.watchkeeper.doctor;

import io.watchkeeper.access.AccessToken;
import io.watchkeeper.access.TokensFile;
import io.watchkeeper.problem.OperatorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Whether the file of tokens can be used: while it cannot, none of its tokens is taken. */
final class TokensCheck implements HealthCheck {

    private static final Duration SOON = Duration.ofDays(7);

    private final Path file;
    private final Clock clock;

    TokensCheck(Path file, Clock clock) {
        this.file = file;
        this.clock = clock;
    }

    @Override
    public String subject() {
        return "tokens";
    }

    @Override
    public List<Finding> examine() {
        if (!Files.exists(file)) {
            return List.of(Finding.amber(
                    subject(),
                    file + " is not there, so there is no token of it",
                    "watchkeeper token new NAME makes it."));
        }
        List<AccessToken> tokens;
        try {
            tokens = new TokensFile(file).read();
        } catch (OperatorException e) {
            return List.of(Finding.red(subject(), "no token of the file is taken: " + e.getMessage(), e.hint()));
        }
        Instant now = clock.instant();
        List<Finding> findings = new ArrayList<>();
        findings.add(
                Finding.green(subject(), file + ", " + (tokens.size() == 1 ? "1 token" : tokens.size() + " tokens")));
        for (AccessToken token : tokens) {
            if (token.isExpired(now)) {
                findings.add(Finding.amber(
                        subject(),
                        "the token " + token.name() + " has expired, " + token.expires(),
                        "watchkeeper token revoke " + token.name()));
            } else if (token.isExpired(now.plus(SOON))) {
                findings.add(Finding.amber(
                        subject(),
                        "the token " + token.name() + " expires soon, " + token.expires(),
                        "make its successor: watchkeeper token new"));
            }
        }
        return findings;
    }
}
