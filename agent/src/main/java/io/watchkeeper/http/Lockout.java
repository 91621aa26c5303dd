package io.watchkeeper.http;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Makes guessing slow: an address that has shown several wrong tokens is not listened to for a second, after the next for two,
 * then four, up to five minutes. Other addresses notice nothing, nor do tokens that were right from there before: else a script with a
 * revoked token would lock everybody out who works on the same host. The same wrong token again is no guess, and a right one
 * takes nothing back: else a guesser with a token of his own would begin anew whenever he likes.
 *
 * <p>Tokens are known by their digests.
 */
final class Lockout {

    /** Wrong tokens that cost nothing: people paste badly. */
    private static final int FREE = 5;

    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(15);

    /** So many tokens that were right, and that were wrong, are remembered of an address. */
    private static final int MOST_RIGHT = 32;

    private static final int MOST_WRONG = 8;

    private static final class Seen {
        private final Set<String> right = new LinkedHashSet<>();
        private final Set<String> wrong = new LinkedHashSet<>();
        private int failures;
        private long last;
        private long pause;

        private long left(long now) {
            return failures == 0 ? 0 : Math.max(0, pause - (now - last));
        }
    }

    private final Neighbourhood<Seen> records = new Neighbourhood<>(Seen::new);
    private final LongSupplier nanos;

    /** @param nanos as {@link System#nanoTime}: the time of day can go back, and would lock out for as long */
    Lockout(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** How long this token is not looked at when it comes from there; zero when it is. */
    synchronized Duration remaining(String address, String digest) {
        long now = nanos.getAsLong();
        return records.find(address)
                .filter(seen -> !seen.right.contains(digest))
                .map(seen -> Duration.ofNanos(seen.left(now)))
                .orElse(Duration.ZERO);
    }

    /** A wrong token came from there. @return how long the address is locked out for it, zero for not yet */
    synchronized Duration failed(String address, String digest) {
        long now = nanos.getAsLong();
        Seen seen = records.at(address);
        // Revoked since.
        seen.right.remove(digest);
        if (now - seen.last > FORGOTTEN_AFTER.toNanos()) {
            seen.failures = 0;
            seen.pause = 0;
            seen.wrong.clear();
        }
        if (!remember(seen.wrong, digest, MOST_WRONG)) {
            return Duration.ZERO;
        }
        seen.failures++;
        seen.last = now;
        if (seen.failures < FREE) {
            return Duration.ZERO;
        }
        int doublings = Math.min(seen.failures - FREE, 30);
        Duration pause = Duration.ofSeconds(Math.min(1L << doublings, LONGEST.toSeconds()));
        seen.pause = pause.toNanos();
        return pause;
    }

    /** A right token came from there. */
    synchronized void succeeded(String address, String digest) {
        Seen seen = records.at(address);
        seen.wrong.remove(digest);
        boolean isNew = remember(seen.right, digest, MOST_RIGHT);
        if (!isNew) {
            // The one used longest ago is the first to be forgotten.
            seen.right.remove(digest);
            seen.right.add(digest);
        }
    }

    /** @return whether it was not among them */
    private static boolean remember(Set<String> digests, String digest, int most) {
        if (!digests.add(digest)) {
            return false;
        }
        if (digests.size() > most) {
            digests.remove(digests.iterator().next());
        }
        return true;
    }

    /** Of how many addresses something is remembered. */
    synchronized int size() {
        return records.size();
    }
}
