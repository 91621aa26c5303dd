package io.watchkeeper.postgres;

import java.time.Duration;
import java.util.List;

/** Pools that give a dead link up after about two seconds, for tests that would wait half a minute else. */
public final class ShortPatience {

    static final LinkLimits LIMITS = new LinkLimits(
            Duration.ofMillis(50),
            Duration.ofMillis(400),
            Duration.ofMillis(250),
            Duration.ofMillis(500),
            Duration.ofSeconds(1),
            Duration.ofMillis(1200),
            Duration.ofSeconds(4));

    private ShortPatience() {}

    public static DatabasePools pools(DatabaseSettings... settings) {
        return new DatabasePools(List.of(settings), LIMITS);
    }
}
