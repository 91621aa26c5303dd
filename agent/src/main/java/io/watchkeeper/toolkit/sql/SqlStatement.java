package io.watchkeeper.toolkit.sql;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One statement of an SQL text, seen from outside: enough to say what kind it is, not a parser.
 *
 * @param text without the semicolon
 * @param words the bare words in lower case, in order; nothing out of comments, literals and quoted names
 * @param calls names that stand before a parenthesis, quoted ones included
 * @param parameters how many {@code ?} it takes
 */
record SqlStatement(String text, List<String> words, Set<String> calls, int parameters) {

    private static final Pattern TOKEN = Pattern.compile("""
            (?<space>\\s+|--[^\\n]*)
            |(?<block>/\\*)
            |(?<escaped>[eE]'(?:[^'\\\\]|''|\\\\.)*+(?:'|\\z))
            |(?<literal>'(?:[^']|'')*+(?:'|\\z))
            |(?<dollar>\\$(?<tag>[\\p{L}_][\\p{L}\\p{N}_]*)?\\$)
            |"(?<quoted>(?:[^"]|"")*+)(?:"|\\z)
            |(?<word>[\\p{L}_][\\p{L}\\p{N}_$]*)
            |(?<operator>\\?\\?)
            |(?<parameter>\\?)
            |(?<end>;)
            |(?<other>.)""", Pattern.COMMENTS | Pattern.DOTALL);

    /** The statements between the semicolons, empty ones left out. */
    static List<SqlStatement> split(String sql) {
        return new Reader(sql).read();
    }

    /** The first word, in lower case; empty when there is none. */
    String kind() {
        return words.isEmpty() ? "" : words.get(0);
    }

    boolean startsWith(String... first) {
        return words.size() >= first.length && words.subList(0, first.length).equals(List.of(first));
    }

    private static final class Reader {
        private final String sql;
        private final List<SqlStatement> statements = new ArrayList<>();
        private List<String> words = new ArrayList<>();
        private Set<String> calls = new LinkedHashSet<>();
        private int parameters;
        private String lastName = "";
        private int start;
        private boolean empty = true;

        Reader(String sql) {
            this.sql = sql;
        }

        List<SqlStatement> read() {
            Matcher m = TOKEN.matcher(sql);
            int at = 0;
            while (at < sql.length() && m.find(at)) {
                at = m.end();
                if (m.group("block") != null) {
                    at = endOfComment(at);
                } else if (m.group("end") != null) {
                    finish(m.start());
                    start = at;
                } else if (m.group("space") == null) {
                    empty = false;
                    if (m.group("dollar") != null) {
                        int close = sql.indexOf(m.group("dollar"), at);
                        at = close < 0
                                ? sql.length()
                                : close + m.group("dollar").length();
                    }
                    take(m);
                }
            }
            finish(sql.length());
            return statements;
        }

        private void take(Matcher m) {
            if (m.group("word") != null) {
                lastName = m.group("word").toLowerCase(Locale.ROOT);
                words.add(lastName);
            } else if (m.group("quoted") != null) {
                lastName = m.group("quoted").replace("\"\"", "\"");
            } else {
                if ("(".equals(m.group("other")) && !lastName.isEmpty()) {
                    calls.add(lastName);
                }
                parameters += m.group("parameter") != null ? 1 : 0;
                lastName = "";
            }
        }

        /** Comments nest in PostgreSQL. */
        private int endOfComment(int from) {
            int depth = 1;
            int at = from;
            while (at < sql.length() && depth > 0) {
                if (sql.startsWith("/*", at)) {
                    depth++;
                    at += 2;
                } else if (sql.startsWith("*/", at)) {
                    depth--;
                    at += 2;
                } else {
                    at++;
                }
            }
            return at;
        }

        private void finish(int end) {
            if (!empty) {
                statements.add(new SqlStatement(
                        sql.substring(start, end).strip(), List.copyOf(words), Set.copyOf(calls), parameters));
            }
            words = new ArrayList<>();
            calls = new LinkedHashSet<>();
            parameters = 0;
            lastName = "";
            empty = true;
        }
    }
}
