package io.watchkeeper.postgres;

import io.watchkeeper.problem.OperatorException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * One part of a dotted name or pattern as the operator wrote it.
 *
 * @param literal the name after folding, meaningful where there is no wildcard
 * @param regex matches what the part means; {@code *} and {@code ?} outside quotes are wildcards
 * @param psql the same as PostgreSQL's own programs read it: all but the wildcards in double quotes, where nothing is folded and
 *     nothing has a meaning of its own
 */
record NamePart(String literal, Pattern regex, boolean hasWildcard, String psql) {

    /** The parts between the dots that are not in quotes. */
    static List<NamePart> split(String text) {
        List<NamePart> parts = new ArrayList<>();
        Reader reader = new Reader(text.strip());
        do {
            parts.add(reader.part());
        } while (reader.nextIsDot());
        return parts;
    }

    boolean matches(String name) {
        return regex.matcher(name).matches();
    }

    static OperatorException tooManyParts(String text) {
        return new OperatorException(
                "'" + text + "' has more than a schema and a table in it",
                "write schema.table; a name with a dot in it goes in double quotes, for example public.\"a.b\".");
    }

    private static final class Reader {
        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        boolean nextIsDot() {
            boolean dot = at < text.length() && text.charAt(at) == '.';
            at += dot ? 1 : 0;
            return dot;
        }

        NamePart part() {
            StringBuilder literal = new StringBuilder();
            StringBuilder regex = new StringBuilder();
            StringBuilder psql = new StringBuilder();
            // Whole runs: half a character outside the basic plane matches nothing, and to psql two quoted runs side by
            // side
            // are one with a quote in it.
            StringBuilder run = new StringBuilder();
            boolean wildcard = false;
            boolean quoted = false;
            for (; at < text.length(); at++) {
                char c = text.charAt(at);
                if (c == '"') {
                    boolean doubled = quoted && at + 1 < text.length() && text.charAt(at + 1) == '"';
                    if (!doubled) {
                        quoted = !quoted;
                        continue;
                    }
                    at++;
                } else if (!quoted && c == '.') {
                    break;
                } else if (!quoted && (c == '*' || c == '?')) {
                    wildcard = true;
                    literal.append(c);
                    endRun(run, regex, psql);
                    regex.append(c == '*' ? ".*" : ".");
                    psql.append(c);
                    continue;
                } else if (!quoted) {
                    refuseOutsideQuotes(c);
                }
                // As PostgreSQL: only ASCII letters are folded.
                boolean fold = !quoted && c >= 'A' && c <= 'Z';
                char one = fold ? (char) (c + ('a' - 'A')) : c;
                literal.append(one);
                run.append(one);
            }
            if (quoted) {
                throw new OperatorException("'" + text + "' opens a double quote and does not close it", "close it.");
            }
            endRun(run, regex, psql);
            String name = wildcard ? literal.toString() : Identifiers.checked(literal.toString(), text);
            return new NamePart(name, Pattern.compile(regex.toString(), Pattern.DOTALL), wildcard, psql.toString());
        }

        private static void endRun(StringBuilder run, StringBuilder regex, StringBuilder psql) {
            if (run.length() > 0) {
                regex.append(Pattern.quote(run.toString()));
                psql.append('"').append(run.toString().replace("\"", "\"\"")).append('"');
                run.setLength(0);
            }
        }

        private void refuseOutsideQuotes(char c) {
            if (!Character.isLetterOrDigit(c) && c != '_' && c != '$' && !Character.isSurrogate(c)) {
                throw new OperatorException(
                        "'" + text + "' holds '" + c + "', which a name outside double quotes cannot",
                        "put the name in double quotes, for example \"Odd Schema\".\"T 1\".");
            }
        }
    }
}
