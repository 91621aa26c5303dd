package io.watchkeeper.toolkit.sql;

import java.security.SecureRandom;
import java.time.Clock;

/**
 * Makes ULIDs: 26 characters of Crockford's base 32, 48 bits of milliseconds and 80 of chance. Each sorts behind the one before it, also
 * within a millisecond and when the clock is set back.
 */
public final class Ulids {

    private static final char[] ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".toCharArray();
    private static final int TIME = 10;
    private static final int LENGTH = 26;

    private final SecureRandom random = new SecureRandom();
    private final byte[] chance = new byte[LENGTH - TIME];
    private long last = -1;

    /** The next one. */
    public synchronized String next(Clock clock) {
        long now = clock.millis();
        if (now > last) {
            last = now;
            draw();
        } else if (!increment()) {
            last++;
            draw();
        }
        char[] text = new char[LENGTH];
        long millis = last;
        for (int i = TIME - 1; i >= 0; i--) {
            text[i] = ALPHABET[(int) (millis & 31)];
            millis >>>= 5;
        }
        for (int i = TIME; i < LENGTH; i++) {
            text[i] = ALPHABET[chance[i - TIME]];
        }
        return new String(text);
    }

    private void draw() {
        random.nextBytes(chance);
        for (int i = 0; i < chance.length; i++) {
            chance[i] = (byte) (chance[i] & 31);
        }
    }

    /** @return false when there is no larger one in this millisecond */
    private boolean increment() {
        for (int i = chance.length - 1; i >= 0; i--) {
            if (++chance[i] < ALPHABET.length) {
                return true;
            }
            chance[i] = 0;
        }
        return false;
    }
}
