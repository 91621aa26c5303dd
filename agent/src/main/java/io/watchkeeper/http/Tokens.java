package io.watchkeeper.http;

import io.watchkeeper.access.AccessToken;
import io.watchkeeper.access.Scope;
import io.watchkeeper.access.TokensFile;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.problem.OperatorException;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tokens that are good now: the one of {@code http.tokenFile}, and those of {@code http.tokensFile}, read again whenever that
 * file has changed. A file that cannot be read is good for no token: a revoked one must not live on because of a typing error. It
 * is tried again every second, since what was in the way (a full table of open files, a mount) may go without changing the file.
 */
final class Tokens {

    private static final Logger LOG = LoggerFactory.getLogger(Tokens.class);

    /** What the holder of the token in {@code http.tokenFile} is called. */
    private static final String OWN = "token";

    /** A file that cannot be read is tried again after so many nanoseconds. */
    private static final long AGAIN_AFTER = 1_000_000_000L;

    private final @Nullable AccessToken own;
    private final @Nullable TokensFile file;
    private final LongSupplier nanos;
    private String stamp = "";
    private List<AccessToken> ofFile = List.of();

    /** Why the file is good for no token; null while it can be read. */
    private @Nullable String trouble;

    private long triedAt;

    /** @param nanos as {@link System#nanoTime} */
    Tokens(AgentConfig.Http settings, LongSupplier nanos) {
        this.nanos = nanos;
        this.own = settings.token() == null
                ? null
                : new AccessToken(
                        OWN, AccessToken.digest(settings.token().reveal()), Scope.all(), null, null, List.of());
        this.file = settings.tokensFile() == null ? null : new TokensFile(settings.tokensFile());
    }

    /** The one that was presented. All are compared, so that the time taken does not tell which one, nor whether any. */
    Optional<AccessToken> find(String presented) {
        byte[] digest = AccessToken.sha256(presented);
        AccessToken found = null;
        for (AccessToken token : current()) {
            if (token.is(digest)) {
                found = token;
            }
        }
        if (own != null && own.is(digest)) {
            found = own;
        }
        return Optional.ofNullable(found);
    }

    /** Whether it is still among them, and the same. */
    boolean has(AccessToken token) {
        return isOwn(token) || current().contains(token);
    }

    /** As {@link io.watchkeeper.runbook.Requester#name()} spells it. */
    String nameOf(AccessToken token) {
        return isOwn(token) ? OWN : "token:" + token.name();
    }

    private boolean isOwn(AccessToken token) {
        return own != null && own.equals(token);
    }

    /** Whether the file's tokens are not known now, so that a token that is not found may be right all the same. */
    synchronized boolean areUnreadable() {
        return trouble != null;
    }

    private synchronized List<AccessToken> current() {
        if (file == null) {
            return List.of();
        }
        String now = file.stamp();
        boolean again = trouble != null && nanos.getAsLong() - triedAt >= AGAIN_AFTER;
        if (again || !now.equals(stamp)) {
            // Taken before it is read: a change in between is met by the next call.
            stamp = now;
            triedAt = nanos.getAsLong();
            ofFile = read(file);
        }
        return ofFile;
    }

    private List<AccessToken> read(TokensFile file) {
        try {
            List<AccessToken> tokens = file.read();
            trouble = null;
            LOG.info("{} tokens in {}", tokens.size(), file.path());
            return tokens;
        } catch (OperatorException e) {
            String why = String.valueOf(e.getMessage());
            if (!why.equals(trouble)) {
                LOG.error("no token of {} is taken: {}", file.path(), e.withHint());
            }
            trouble = why;
            return List.of();
        }
    }
}
