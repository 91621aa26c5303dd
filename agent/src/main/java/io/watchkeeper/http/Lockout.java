package io.watchkeeper.http;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Makes guessing slow: an address that has shown several wrong tokens is not listened to for a second, after the next for two,
 * then four, up to five minutes. Other addresses notice nothing.
 */
final class Lockout {

    /** Wrong tokens that cost nothing: people paste badly. */
    private static final int FREE = 5;

    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(15);

    private static final class Failures {
        private int failures;
        private Instant last = Instant.EPOCH;
        private Instant until = Instant.EPOCH;
    }

    private final Neighbourhood<Failures> records = new Neighbourhood<>(Failures::new);
    private final Clock clock;

    Lockout(Clock clock) {
        this.clock = clock;
    }

    /** How long tokens from there are not looked at; zero when they are. */
    synchronized Duration remaining(String address) {
        Instant now = clock.instant();
        return records.find(address)
                .filter(record -> record.until.isAfter(now))
                .map(record -> Duration.between(now, record.until))
                .orElse(Duration.ZERO);
    }

    /** A wrong token came from there. @return how long the address is locked out for it, zero for not yet */
    synchronized Duration failed(String address) {
        Instant now = clock.instant();
        Failures record = records.at(address);
        if (record.last.plus(FORGOTTEN_AFTER).isBefore(now)) {
            record.failures = 0;
        }
        record.failures++;
        record.last = now;
        if (record.failures < FREE) {
            return Duration.ZERO;
        }
        int doublings = Math.min(record.failures - FREE, 30);
        Duration pause = Duration.ofSeconds(Math.min(1L << doublings, LONGEST.toSeconds()));
        record.until = now.plus(pause);
        return pause;
    }

    /** A right token came from there. */
    synchronized void succeeded(String address) {
        records.forget(address);
    }

    /** Of how many addresses something is remembered. */
    synchronized int size() {
        return records.size();
    }
}
