package io.watchkeeper.dsl;

import java.util.ArrayDeque;
import java.util.Deque;

/** Finds the brace that has no partner: the compiler notices only at the end of the file, people want the block. */
final class Braces {

    private static final int DEEPEST = 100;

    private record Open(char brace, int line, int column, int indent, String before) {}

    private final String text;
    private final CompileRequest request;
    private final Deque<Open> open = new ArrayDeque<>();
    private int line = 1;
    private int lineStart;

    private Braces(String text, CompileRequest request) {
        this.text = text;
        this.request = request;
    }

    /** @return true when a brace without partner was found, and said */
    static boolean unbalanced(String text, CompileRequest request) {
        return new Braces(text, request).scan();
    }

    /**
     * The parser needs memory and stack for each level; a file that goes on and on is refused before it gets there.
     *
     * @return true when it was refused, and said
     */
    static boolean nestedTooDeeply(String text, CompileRequest request) {
        Braces braces = new Braces(text, request);
        int depth = 0;
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '\n') {
                braces.line++;
                braces.lineStart = at + 1;
            } else if (c == '/' || c == '"' || c == '\'') {
                at = braces.skip(at) - 1;
            } else if (c == '{' || c == '(' || c == '[') {
                depth++;
                if (depth > DEEPEST) {
                    request.problem(
                            braces.line,
                            at - braces.lineStart + 1,
                            "the file is nested too deeply to be read: more than " + DEEPEST
                                    + " brackets are open here",
                            "take it apart.");
                    return true;
                }
            } else if (c == '}' || c == ')' || c == ']') {
                depth--;
            }
        }
        return false;
    }

    private boolean scan() {
        Open suspect = null;
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '\n') {
                line++;
                lineStart = at + 1;
            } else if (c == '/' || c == '"' || c == '\'') {
                at = skip(at) - 1;
            } else if (c == '{' || c == '(' || c == '[') {
                open.push(new Open(c, line, at - lineStart + 1, indent(), before(at)));
            } else if (c == '}' || c == ')' || c == ']') {
                Open partner = open.peek();
                if (partner == null) {
                    return closesNothing(at);
                }
                if (closing(partner.brace()) != c && open.stream().noneMatch(o -> closing(o.brace()) == c)) {
                    return closesNothing(at);
                }
                if (closing(partner.brace()) != c) {
                    return missing(suspect != null && partner.brace() == '{' ? suspect : partner);
                }
                open.pop();
                // A brace that closes further left than its partner's line begins probably closes another block.
                if (c == '}' && suspect == null && line > partner.line() && indent() < partner.indent()) {
                    suspect = partner;
                }
            }
        }
        Open last = suspect != null ? suspect : open.peek();
        return !open.isEmpty() && last != null && missing(last);
    }

    private boolean closesNothing(int at) {
        request.problem(
                line,
                at - lineStart + 1,
                "this '" + text.charAt(at) + "' closes nothing",
                "take it out, or add what it should close.");
        return true;
    }

    private boolean missing(Open partner) {
        String block = partner.brace() == '{' && !partner.before().isEmpty() ? " of '" + partner.before() + "'" : "";
        request.problem(
                partner.line(),
                partner.column(),
                "the '" + partner.brace() + "'" + block + " is never closed",
                "add a '" + closing(partner.brace()) + "' where it ends.");
        return true;
    }

    private static char closing(char brace) {
        return brace == '{' ? '}' : brace == '(' ? ')' : ']';
    }

    private int indent() {
        int at = lineStart;
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
        return at - lineStart;
    }

    /** The word that opens the block. */
    private String before(int brace) {
        String head = text.substring(lineStart, brace).strip();
        int end = 0;
        while (end < head.length() && Character.isJavaIdentifierPart(head.charAt(end))) {
            end++;
        }
        return head.substring(0, end);
    }

    /** @return where the text or comment that begins here is over */
    private int skip(int at) {
        for (String quote : new String[] {"'''", "\"\"\"", "'", "\""}) {
            if (text.startsWith(quote, at)) {
                return end(at + quote.length(), quote);
            }
        }
        if (text.startsWith("//", at)) {
            int eol = text.indexOf('\n', at);
            return eol < 0 ? text.length() : eol;
        }
        if (text.startsWith("/*", at)) {
            return end(at + 2, "*/");
        }
        return at + 1;
    }

    private int end(int from, String quote) {
        for (int at = from; at < text.length(); at++) {
            char c = text.charAt(at);
            if (text.startsWith(quote, at)) {
                return at + quote.length();
            }
            if (c == '\\' && !quote.equals("*/")) {
                at++;
            } else if (c == '\n') {
                if (quote.length() == 1) {
                    return at;
                }
                line++;
                lineStart = at + 1;
            }
        }
        return text.length();
    }
}
