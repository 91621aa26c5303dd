package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.problem.OperatorException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A tenant that is to be made.
 *
 * @param key with which the wish may be sent again without being done again; null for none
 * @param lockTimeout how long one attempt waits for a lock
 * @param attempts before it is given up
 */
public record TenantWish(
        TenantId id,
        String region,
        String plan,
        Tenancy tenancy,
        @Nullable String key,
        Duration lockTimeout,
        int attempts) {

    public static final Duration LOCK_TIMEOUT = Duration.ofMillis(500);
    public static final int ATTEMPTS = 20;

    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,62}");
    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,200}");

    /** @throws OperatorException when something of it cannot be meant */
    public TenantWish {
        requireWord("region", region);
        requireWord("plan", plan);
        if (key != null && !KEY.matcher(key).matches()) {
            throw new OperatorException(
                    "the idempotency key holds more than 200 characters, or others than printable ASCII without blanks",
                    "a ULID or a UUID is a good one.");
        }
        TenantTransaction.check(lockTimeout, attempts);
    }

    /** With the usual patience. @throws OperatorException when something of it cannot be meant */
    public static TenantWish of(String id, String region, String plan, TenantSettings settings, @Nullable String key) {
        return new TenantWish(new TenantId(id), region, plan, settings.of(plan), key, LOCK_TIMEOUT, ATTEMPTS);
    }

    /** SHA-256 of what is wished, in hex: the same for the same wish, whatever its key. */
    public String digest() {
        // None of the three can hold a line break.
        byte[] text = (id + "\n" + region + "\n" + plan).getBytes(StandardCharsets.UTF_8);
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void requireWord(String what, String text) {
        if (!WORD.matcher(text).matches()) {
            String cut = text.length() > 60 ? text.substring(0, 60) + "…" : text;
            throw new OperatorException(
                    "'" + cut.replaceAll("\\p{Cntrl}", "?") + "' cannot be a " + what,
                    "a " + what + " holds letters, digits, '_', '.' and '-', at most 63, for example eu-1.");
        }
    }
}
