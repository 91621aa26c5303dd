package io.watchkeeper.trust;

import io.watchkeeper.problem.OperatorException;
import java.nio.BufferUnderflowException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One line of a file of allowed signers. */
final class AllowedSigner {

    private static final Pattern WORD = Pattern.compile("(?:[^\\s\"]|\"[^\"]*\")+");
    private static final Pattern OPTION = Pattern.compile("([A-Za-z-]+)(?:=\"([^\"]*)\")?(?:,|$)");

    private final String principals;
    private final byte[] key;
    private final @Nullable Instant after;
    private final @Nullable Instant before;

    /**
     * @param principals who it is, as the line says
     * @param key its 32 bytes; empty for a line whose key cannot sign here, of another kind or of an authority
     * @param after not valid before this; null for any time
     * @param before not valid from this on; null for any time
     */
    private AllowedSigner(String principals, byte[] key, @Nullable Instant after, @Nullable Instant before) {
        this.principals = principals;
        this.key = key;
        this.after = after;
        this.before = before;
    }

    String principals() {
        return principals;
    }

    boolean has(byte[] anotherKey) {
        return Arrays.equals(key, anotherKey);
    }

    static AllowedSigner parse(String line, int number) {
        List<String> words = new ArrayList<>();
        Matcher m = WORD.matcher(line);
        while (m.find()) {
            words.add(m.group());
        }
        boolean options = words.size() > 3 && !isKind(words.get(1));
        int kind = options ? 2 : 1;
        if (words.size() < kind + 2 || !isKind(words.get(kind))) {
            throw malformed(number);
        }
        String principals = words.get(0).replace("\"", "");
        byte[] key = words.get(kind).equals("ssh-ed25519") ? key(words.get(kind + 1), number) : new byte[0];
        return options
                ? restricted(principals, key, words.get(1), number)
                : new AllowedSigner(principals, key, null, null);
    }

    private static boolean isKind(String word) {
        return word.startsWith("ssh-") || word.startsWith("ecdsa-") || word.startsWith("sk-");
    }

    private static AllowedSigner restricted(String principals, byte[] key, String options, int number) {
        boolean here = true;
        @Nullable Instant after = null;
        @Nullable Instant before = null;
        Matcher m = OPTION.matcher(options);
        int at = 0;
        while (m.lookingAt() && at < options.length()) {
            String value = m.group(2) == null ? "" : m.group(2);
            switch (m.group(1).toLowerCase(Locale.ROOT)) {
                case "namespaces" -> here = isForUs(value);
                case "valid-after" -> after = time(value, number);
                case "valid-before" -> before = time(value, number);
                // Certificates are not read here, so an authority's key cannot sign.
                case "cert-authority" -> here = false;
                default -> throw malformed(number);
            }
            at = m.end();
            m.region(at, options.length());
        }
        if (at < options.length()) {
            throw malformed(number);
        }
        return new AllowedSigner(principals, here ? key : new byte[0], after, before);
    }

    /** A pattern with ! in front refuses what it matches, wherever in the list it stands. */
    private static boolean isForUs(String namespaces) {
        List<String> patterns = List.of(namespaces.split(",", -1));
        return patterns.stream().noneMatch(pattern -> pattern.startsWith("!") && matches(pattern.substring(1)))
                && patterns.stream().anyMatch(pattern -> !pattern.startsWith("!") && matches(pattern));
    }

    private static boolean matches(String pattern) {
        return SshSigners.NAMESPACE.matches(
                "\\Q" + pattern.replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q") + "\\E");
    }

    /** As ssh-keygen has it: a day, or a day and a time, in this host's zone unless a Z follows. */
    private static Instant time(String text, int number) {
        ZoneId zone = text.endsWith("Z") ? ZoneOffset.UTC : ZoneId.systemDefault();
        String digits = text.endsWith("Z") ? text.substring(0, text.length() - 1) : text;
        String full = switch (digits.length()) {
            case 8 -> digits + "000000";
            case 12 -> digits + "00";
            default -> digits;
        };
        try {
            return LocalDateTime.parse(full, DateTimeFormatter.ofPattern("yyyyMMddHHmmss", Locale.ROOT))
                    .atZone(zone)
                    .toInstant();
        } catch (DateTimeException e) {
            throw malformed(number);
        }
    }

    private static byte[] key(String base64, int number) {
        try {
            byte[] key = SshSigners.keyOf(Base64.getDecoder().decode(base64));
            if (key.length == Ed25519.KEY) {
                return key;
            }
        } catch (IllegalArgumentException | BufferUnderflowException e) {
            // Said below.
        }
        throw malformed(number);
    }

    boolean isValid(Instant now) {
        return (after == null || !now.isBefore(after)) && (before == null || now.isBefore(before));
    }

    /** @throws OperatorException when the key's time has not come or is over */
    void requireValid(Instant now) {
        if (after != null && now.isBefore(after)) {
            throw new OperatorException(
                    "the key of " + principals + " is valid only from " + after + " on",
                    "wait, or correct trust.sshAllowedSigners.");
        }
        if (before != null && !now.isBefore(before)) {
            throw new OperatorException(
                    "the key of " + principals + " is not valid any more since " + before,
                    "sign with a newer key, and list that in trust.sshAllowedSigners.");
        }
    }

    private static OperatorException malformed(int line) {
        return new OperatorException(
                "line " + line + " of trust.sshAllowedSigners cannot be read",
                "write: NAME ssh-ed25519 KEY, as  man ssh-keygen  says under ALLOWED SIGNERS.");
    }
}
