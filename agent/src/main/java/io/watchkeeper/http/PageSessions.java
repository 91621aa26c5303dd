package io.watchkeeper.http;

import io.javalin.http.Context;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Browsers that proved the token, so that pages and event streams can be read where reading needs one: neither a link nor an
 * EventSource can send the header. A session only reads; changing something still takes the token itself. Sessions live in
 * memory and end with the process.
 */
final class PageSessions {

    private static final String COOKIE = "watchkeeper_session";
    private static final Duration LIFE = Duration.ofHours(12);
    private static final int MOST = 200;

    private final SecureRandom random = new SecureRandom();
    private final Map<String, Instant> endsAt = new ConcurrentHashMap<>();
    private final Clock clock;

    PageSessions(Clock clock) {
        this.clock = clock;
    }

    /** Begins a session for a request that has shown the token. */
    void begin(Context ctx) {
        Instant now = clock.instant();
        endsAt.values().removeIf(end -> end.isBefore(now));
        if (endsAt.size() >= MOST) {
            endsAt.entrySet().stream()
                    .min(Map.Entry.comparingByValue())
                    .map(Map.Entry::getKey)
                    .ifPresent(endsAt::remove);
        }
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        String id = HexFormat.of().formatHex(bytes);
        endsAt.put(id, now.plus(LIFE));
        String secure = ctx.scheme().equals("https") ? "; Secure" : "";
        ctx.header(
                "Set-Cookie",
                COOKIE + "=" + id + "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + LIFE.toSeconds() + secure);
    }

    boolean isSignedIn(Context ctx) {
        return Optional.ofNullable(ctx.cookie(COOKIE))
                .map(endsAt::get)
                .filter(end -> end.isAfter(clock.instant()))
                .isPresent();
    }
}
