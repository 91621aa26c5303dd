package io.watchkeeper.access;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a token: never the token itself.
 *
 * @param sha256 of the token, in lower case hexadecimal. The token has 256 random bits, so that nothing slower is needed
 * @param created null when nobody wrote it down
 * @param expires null for a token that does not end by itself
 * @param networks where it may be used; empty for everywhere
 */
public record AccessToken(
        String name,
        String sha256,
        Set<Scope> scopes,
        @Nullable Instant created,
        @Nullable Instant expires,
        List<Network> networks) {

    /** Of names: they stand in logs, in the audit and in approvals. */
    static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

    private static final String PREFIX = "wk_";
    private static final int BYTES = 32;

    public AccessToken {
        scopes = Set.copyOf(scopes);
        networks = List.copyOf(networks);
    }

    /** A new token's text; nobody can find it out again. Its beginning lets scanners for secrets know it. */
    public static String random() {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    public static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    /** As in {@link #sha256()}. */
    public static String digest(String token) {
        return HexFormat.of().formatHex(sha256(token));
    }

    /** Takes as long for a token that is nearly right as for one that is all wrong: only digests are compared, and these wholly. */
    public boolean is(byte[] digest) {
        return MessageDigest.isEqual(HexFormat.of().parseHex(sha256), digest);
    }

    public static byte[] sha256(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    public boolean isExpired(Instant now) {
        return expires != null && !expires.isAfter(now);
    }

    /** Whether it may be used from there. */
    public boolean isGoodFrom(InetAddress address) {
        return networks.isEmpty() || networks.stream().anyMatch(n -> n.contains(address));
    }
}
