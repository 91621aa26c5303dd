package io.watchkeeper.http;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/** How many entries a minute others may cause: of one kind an address one, all addresses together sixty. What is left out is counted. */
final class Allowance {

    private static final long MINUTE = 60_000_000_000L;
    private static final int MOST_A_MINUTE = 60;

    private static final class Told {
        private final Map<String, Long> at = new LinkedHashMap<>();
        private long leftOut;
    }

    private final LongSupplier nanos;
    private final Neighbourhood<Told> told = new Neighbourhood<>(Told::new);
    private long minute;
    private int inThisMinute;
    private long leftOut;

    /** @param nanos as {@link System#nanoTime}: the time of day can go back, and would leave everything out until it is as late again */
    Allowance(LongSupplier nanos) {
        this.nanos = nanos;
        this.minute = nanos.getAsLong();
    }

    /**
     * @param kind of a bounded number of kinds
     * @return how many were left out since the last one that was not; empty when this one is left out, too
     */
    synchronized OptionalLong take(String address, String kind) {
        long now = nanos.getAsLong();
        if (now - minute >= MINUTE) {
            minute = now;
            inThisMinute = 0;
        }
        Told of = told.at(address);
        Long last = of.at.get(kind);
        if (last != null && now - last < MINUTE) {
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
