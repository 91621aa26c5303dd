package io.watchkeeper.http;

import java.time.Duration;
import java.util.function.LongSupplier;

/** So many requests a second from one address for long, and twice as many at once. */
final class RateLimit {

    private final int perSecond;
    private final LongSupplier nanos;
    private final Neighbourhood<Bucket> buckets;

    private static final class Bucket {
        private double tokens;
        private long filledAt;

        Bucket(double tokens, long filledAt) {
            this.tokens = tokens;
            this.filledAt = filledAt;
        }
    }

    /** @param perSecond 0 for no limit. @param nanos as {@link System#nanoTime} */
    RateLimit(int perSecond, LongSupplier nanos) {
        this.perSecond = perSecond;
        this.nanos = nanos;
        this.buckets = new Neighbourhood<>(() -> new Bucket(2.0 * perSecond, nanos.getAsLong()));
    }

    /** Counts a request. @return zero when it may go on, else how long its client should wait */
    synchronized Duration take(String address) {
        if (perSecond == 0) {
            return Duration.ZERO;
        }
        Bucket bucket = buckets.at(address);
        long now = nanos.getAsLong();
        bucket.tokens = Math.min(2.0 * perSecond, bucket.tokens + (now - bucket.filledAt) / 1e9 * perSecond);
        bucket.filledAt = now;
        if (bucket.tokens < 1) {
            return Duration.ofNanos((long) ((1 - bucket.tokens) / perSecond * 1e9));
        }
        bucket.tokens--;
        return Duration.ZERO;
    }
}
