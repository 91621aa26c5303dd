package io.watchkeeper.config;

import io.watchkeeper.units.Bytes;
import java.time.Duration;

/** Reads {@code heavy}. */
final class HeavyBlock {

    private static final int MOST_AT_ONCE = 64;
    private static final int MOST_SESSIONS = 10_000;
    private static final Bytes LEAST_RATE = Bytes.of(64 * 1024L);
    private static final Bytes MOST_RATE = Bytes.of(1L << 40);

    private HeavyBlock() {}

    /** @param tooLate how far behind a replica may be where the block does not say */
    static AgentConfig.Heavy read(ConfigNode heavy, Duration tooLate) {
        ConfigNode above = heavy.block("pauseAbove");
        int atOnce = heavy.number("atOnce", 1, MOST_AT_ONCE, 0);
        int sessions = above.number("activeSessions", 1, MOST_SESSIONS, 0);
        Bytes rate = heavy.size("rate", LEAST_RATE, MOST_RATE, Bytes.of(0));
        return new AgentConfig.Heavy(
                atOnce == 0 ? null : atOnce,
                heavy.duration("aging", Duration.ofSeconds(1), Duration.ofMinutes(5)),
                heavy.duration("patience", Duration.ZERO, Duration.ofMinutes(15)),
                above.duration("lag", Duration.ofSeconds(1), tooLate),
                sessions == 0 ? null : sessions,
                rate.count() == 0 ? null : rate);
    }
}
