package io.watchkeeper.http;

import io.javalin.http.Context;
import io.watchkeeper.access.AccessToken;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Browsers that proved the token, so that pages and event streams can be read where reading needs one: neither a link nor an
 * EventSource can send the header. A session only reads; changing something still takes the token itself. Sessions live in
 * memory and end with the process.
 */
final class PageSessions {

    /** What was shown. @param token null for a client certificate. @param certificates null for a token */
    @SuppressWarnings("ArrayRecordComponent") // as the server gives it, and never compared
    record Session(Instant end, @Nullable AccessToken token, X509Certificate @Nullable [] certificates) {}

    private static final String COOKIE = "watchkeeper_session";
    private static final Duration LIFE = Duration.ofHours(12);
    private static final int MOST = 200;

    private final SecureRandom random = new SecureRandom();
    private final Map<String, Session> sessions = new ConcurrentHashMap<>();
    private final Clock clock;

    PageSessions(Clock clock) {
        this.clock = clock;
    }

    /** Begins a session for a request that has shown the token. */
    void begin(Context ctx, @Nullable AccessToken token, X509Certificate @Nullable [] certificates) {
        Instant now = clock.instant();
        sessions.values().removeIf(session -> session.end().isBefore(now));
        if (sessions.size() >= MOST) {
            sessions.entrySet().stream()
                    .min(Map.Entry.comparingByValue(Comparator.comparing(Session::end)))
                    .map(Map.Entry::getKey)
                    .ifPresent(sessions::remove);
        }
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        String id = HexFormat.of().formatHex(bytes);
        sessions.put(id, new Session(now.plus(LIFE), token, certificates));
        String secure = ctx.scheme().equals("https") ? "; Secure" : "";
        ctx.header(
                "Set-Cookie",
                COOKIE + "=" + id + "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + LIFE.toSeconds() + secure);
    }

    /** Of the request's cookie; whether its token is still good is for others to say. */
    Optional<Session> of(Context ctx) {
        return Optional.ofNullable(ctx.cookie(COOKIE))
                .map(sessions::get)
                .filter(session -> session.end().isAfter(clock.instant()));
    }
}
