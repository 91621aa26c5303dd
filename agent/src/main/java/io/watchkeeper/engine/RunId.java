package io.watchkeeper.engine;

import java.security.SecureRandom;
import java.time.Instant;

/** Makes run ids: ULIDs, 26 characters of Crockford's base 32 that sort by time. */
final class RunId {

    private static final char[] ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".toCharArray();
    private static final SecureRandom RANDOM = new SecureRandom();

    private RunId() {}

    static String create(Instant now) {
        char[] id = new char[26];
        long millis = now.toEpochMilli();
        for (int i = 9; i >= 0; i--) {
            id[i] = ALPHABET[(int) (millis & 31)];
            millis >>>= 5;
        }
        for (int i = 10; i < 26; i++) {
            id[i] = ALPHABET[RANDOM.nextInt(32)];
        }
        return new String(id);
    }
}
