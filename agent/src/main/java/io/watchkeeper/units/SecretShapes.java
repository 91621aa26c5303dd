package io.watchkeeper.units;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Secrets that are known by how they look and not by their value: those of other programs and people, in statements, addresses and
 * files that come by. What was taken out once is left as it is.
 */
final class SecretShapes {

    private static final String OUT = Matcher.quoteReplacement(Secret.REDACTED);

    /** Names that a secret goes by, in settings, addresses, environments and documents. */
    private static final String NAME =
            "(?:[A-Za-z0-9_.-]{0,40}?(?<![A-Za-z0-9]))?(?:(?:pg|ssl)?(?:password|passwd|passphrase)|pwd"
                    + "|secret(?:[_-]?(?:access[_-]?)?key)?|api[_-]?key|client[_-]?secret"
                    + "|(?:(?:access|auth|refresh|session|bearer)[_-]?)?token)";

    /** To its end, or to that of the line where it was cut off. Doubled quotes belong to it. */
    private static final String QUOTED = "'(?!\\[redacted])[^'\\n]*+(?:''[^'\\n]*+)*+(?:'|$|(?=\\n))";

    /** The same where a backslash keeps the next character from ending it, as in E'…' and in connection strings. */
    private static final String ESCAPED =
            "'(?!\\[redacted])[^'\\\\\\n]*+(?:(?:\\\\.|'')[^'\\\\\\n]*+)*+(?:'|$|(?=\\n))";

    /** Found in nearly no text, so that the rest is asked seldom. */
    private static final Pattern TRACE = Pattern.compile(
            "passw|passphrase|pwd|secret|token|api.?key|bearer|basic|://|-----BEGIN|A[KS]IA|gh[pousr]_|xox|eyJ|md5|scram-sha",
            Pattern.CASE_INSENSITIVE);

    private record Shape(Pattern pattern, String replacement) {

        static Shape of(String pattern, String replacement) {
            return new Shape(Pattern.compile(pattern), replacement);
        }

        static Shape anyCase(String pattern, String replacement) {
            return new Shape(Pattern.compile(pattern, Pattern.CASE_INSENSITIVE), replacement);
        }
    }

    private static final List<Shape> SHAPES = List.of(
            // Private keys; cut off where a document that quotes them goes on.
            Shape.of(
                    "-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY-----[^\"<]*?(?:-----END [A-Z0-9 ]{0,30}PRIVATE KEY-----|(?=[\"<])|$)",
                    OUT),
            Shape.anyCase("AGE-SECRET-KEY-1[0-9A-Z]{20,}", OUT),
            // A login in an address: postgresql://user:password@host
            Shape.anyCase(
                    "\\b([a-z][a-z0-9+.-]{1,30}://[^\\s:/?#@\"'<>]*):(?!\\[redacted]@)[^\\s/\"'<>]+@",
                    "$1:" + OUT + "@"),
            // Statements: CREATE ROLE … PASSWORD '…', OPTIONS (password '…')
            Shape.anyCase("\\b(password\\s+)E" + ESCAPED, "$1'" + OUT + "'"),
            Shape.anyCase("\\b(password\\s+)(?:U&)?" + QUOTED, "$1'" + OUT + "'"),
            Shape.anyCase("\\b(password\\s++)\\$(\\w{0,20})\\$[^\"]{0,2000}?\\$\\2\\$", "$1'" + OUT + "'"),
            // Documents: "password": "…", also inside a text of another document
            Shape.anyCase("(\\\\?\"" + NAME + "\\\\?\"\\s*:\\s*\\\\?\")(?!\\[redacted])[^\"\\\\]++", "$1" + OUT),
            // Settings: password=…, PGPASSWORD=…, ?sslpassword=…
            Shape.anyCase(
                    "(?<![A-Za-z0-9])(" + NAME + "\\s*=\\s*)(?:" + ESCAPED
                            + "|(?!'?\\[redacted])[^\\s'\"&;,<>)\\]}\\\\]+)",
                    "$1" + OUT),
            Shape.anyCase("(?<![A-Za-z0-9])(" + NAME + "\\s*=\\s*\\\\?\")(?!\\[redacted])[^\"\\\\]++", "$1" + OUT),
            Shape.of(
                    "(?m)^([ \\t]*+(?:password|token|secret)[ \\t]*+:[ \\t]++)(?!\\[redacted])[^\\s\"<]++", "$1" + OUT),
            // Headers
            Shape.anyCase("\\b(authorization:\\s*basic\\s+)(?!\\[redacted])[A-Za-z0-9+/=]+", "$1" + OUT),
            Shape.anyCase(
                    "\\b(bearer\\s+)(?=[A-Za-z0-9._~+/=-]{20}|[A-Za-z]*[0-9._~+/=-]+[A-Za-z0-9])[A-Za-z0-9._~+/=-]{8,}",
                    "$1" + OUT),
            // Keys and tokens of well-known makers
            Shape.of("\\b(?:AKIA|ASIA)[0-9A-Z]{16}\\b", OUT),
            Shape.of("\\bgh[pousr]_[A-Za-z0-9]{30,}", OUT),
            Shape.of("\\bxox[abprs]-[A-Za-z0-9-]{10,}", OUT),
            Shape.of("(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}+\\.[A-Za-z0-9_-]{8,}+\\.[A-Za-z0-9_-]{8,}+", OUT),
            // Passwords as PostgreSQL keeps them
            Shape.of("\\bSCRAM-SHA-256\\$\\d+:[A-Za-z0-9+/=]+\\$[A-Za-z0-9+/=:]+", OUT),
            Shape.of("\\bmd5[0-9a-f]{32}\\b", OUT));

    private SecretShapes() {}

    static String redact(String text) {
        if (!TRACE.matcher(text).find()) {
            return text;
        }
        String result = text;
        for (Shape shape : SHAPES) {
            result = shape.pattern().matcher(result).replaceAll(shape.replacement());
        }
        return result;
    }
}
