package io.watchkeeper.engine;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.regex.Pattern;

/** Makes run ids: ULIDs, 26 characters of Crockford's base 32 that sort by time. */
public final class RunId {

    private static final char[] ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".toCharArray();
    private static final SecureRandom RANDOM = new SecureRandom();

    private static final Pattern FORM = Pattern.compile("[0-9A-HJKMNP-TV-Z]{26}");

    private RunId() {}

    /** Whether the text has the form of a run id; others are never made part of a file's name. */
    public static boolean isValid(String text) {
        return FORM.matcher(text).matches();
    }

    /** No id made at that moment or later sorts before this text, and no earlier one after it. */
    public static String lowest(Instant moment) {
        char[] time = new char[10];
        stamp(time, moment);
        return new String(time);
    }

    private static void stamp(char[] id, Instant moment) {
        long millis = moment.toEpochMilli();
        for (int i = 9; i >= 0; i--) {
            id[i] = ALPHABET[(int) (millis & 31)];
            millis >>>= 5;
        }
    }

    static String create(Instant now) {
        char[] id = new char[26];
        stamp(id, now);
        for (int i = 10; i < 26; i++) {
            id[i] = ALPHABET[RANDOM.nextInt(32)];
        }
        return new String(id);
    }
}
