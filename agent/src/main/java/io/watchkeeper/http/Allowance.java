package io.watchkeeper.http;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/** How many entries a minute others may cause: of one kind an address one, all addresses together sixty. What is left out is counted. */
final class Allowance {

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final int MOST_A_MINUTE = 60;

    private static final class Told {
        private final Map<String, Instant> at = new LinkedHashMap<>();
        private long leftOut;
    }

    private final Clock clock;
    private final Neighbourhood<Told> told = new Neighbourhood<>(Told::new);
    private Instant minute = Instant.EPOCH;
    private int inThisMinute;
    private long leftOut;

    Allowance(Clock clock) {
        this.clock = clock;
    }

    /**
     * @param kind of a bounded number of kinds
     * @return how many were left out since the last one that was not; empty when this one is left out, too
     */
    synchronized OptionalLong take(String address, String kind) {
        Instant now = clock.instant();
        if (!now.isBefore(minute.plus(MINUTE))) {
            minute = now;
            inThisMinute = 0;
        }
        Told of = told.at(address);
        Instant last = of.at.get(kind);
        if (last != null && now.isBefore(last.plus(MINUTE))) {
            of.leftOut++;
            return OptionalLong.empty();
        }
        if (inThisMinute >= MOST_A_MINUTE) {
            leftOut++;
            return OptionalLong.empty();
        }
        inThisMinute++;
        of.at.put(kind, now);
        long before = of.leftOut + leftOut;
        of.leftOut = 0;
        leftOut = 0;
        return OptionalLong.of(before);
    }
}
