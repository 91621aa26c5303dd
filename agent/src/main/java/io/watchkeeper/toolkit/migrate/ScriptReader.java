package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.toolkit.migrate.ScriptStatement.Kind;
import io.watchkeeper.toolkit.migrate.ScriptStatement.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the statements of a script for psql: past comments, literals, dollar quotes, and bodies of functions. No parser. */
final class ScriptReader {

    private static final Pattern TOKEN = Pattern.compile("""
            (?<space>[\\x20\\t\\n\\r\\f]+)
            |(?<comment>--[^\\n\\r]*)
            |(?<block>/\\*)
            |(?<escaped>[eE]'(?:[^'\\\\]|''|\\\\.)*+(?:'|\\z)
                (?<goeson>(?:[\\x20\\t\\f]|--[^\\n\\r]*)*[\\n\\r](?:\\s|--[^\\n\\r]*[\\n\\r])*'(?:[^'\\\\]|''|\\\\.)*+(?:'|\\z))*)
            |(?<literal>(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*+(?:'|\\z))
            |(?<dollar>\\$(?:[a-zA-Z_\\x{80}-\\x{10FFFF}][a-zA-Z0-9_\\x{80}-\\x{10FFFF}]*)?\\$)
            |"(?<quoted>(?:[^"]|"")*+)(?:"|\\z)
            |(?<word>[a-zA-Z_\\x{80}-\\x{10FFFF}][a-zA-Z0-9_$\\x{80}-\\x{10FFFF}]*)
            |(?<number>[0-9][0-9.]*+(?:[eE][+-]?[0-9]++)?+)(?<junk>(?=[a-zA-Z_'"\\x{80}-\\x{10FFFF}]))?
            |(?<command>\\\\[^\\n]*)
            |(?<odd>[\\x0B\\x00])
            |(?<end>;)
            |(?<cast>::|:=)
            |(?<variable>:(?:[a-zA-Z_\\x{80}-\\x{10FFFF}]|'[a-zA-Z0-9_\\x{80}-\\x{10FFFF}]+'|"[a-zA-Z0-9_\\x{80}-\\x{10FFFF}]+"|\\{\\?[a-zA-Z0-9_\\x{80}-\\x{10FFFF}]+\\}))
            |(?<other>.)""", Pattern.COMMENTS | Pattern.DOTALL);

    private final String script;
    private final List<ScriptStatement> statements = new ArrayList<>();
    private final List<String> comments = new ArrayList<>();
    private List<Token> tokens = new ArrayList<>();
    private int start = -1;
    private int depth;
    private int bodies;

    private ScriptReader(String script) {
        this.script = script;
    }

    /** @param comments the text of the script's {@code --} comments, without the dashes */
    record Script(List<ScriptStatement> statements, List<String> comments) {
        Script {
            statements = List.copyOf(statements);
            comments = List.copyOf(comments);
        }
    }

    static Script read(String script) {
        ScriptReader reader = new ScriptReader(script);
        if (script.indexOf('\0') >= 0) {
            // psql goes on with the next line.
            reader.statements.add(new ScriptStatement(
                    "a zero byte", 1, 0, List.of(new Token(Kind.PSQL, "\0"), new Token(Kind.WORD, "\0"))));
        }
        reader.readAll();
        return new Script(reader.statements, reader.comments);
    }

    private void readAll() {
        Matcher m = TOKEN.matcher(script);
        int at = 0;
        while (at < script.length() && m.find(at)) {
            at = m.end();
            if (m.group("space") != null) {
                continue;
            }
            if (m.group("comment") != null) {
                comments.add(m.group().substring(2).strip());
            } else if (m.group("block") != null) {
                at = endOfComment(at);
            } else if (m.group("command") != null) {
                command(m);
            } else if (m.group("end") != null && depth == 0 && bodies == 0) {
                boolean rowsFollow = rowsFollow();
                finish(m.start());
                at = rowsFollow ? endOfRows(at) : at;
            } else {
                begin(m.start());
                at = take(m, at);
            }
        }
        finish(script.length());
    }

    private void begin(int position) {
        if (start < 0) {
            start = position;
        }
    }

    /** @return where to go on */
    private int take(Matcher m, int at) {
        if (m.group("dollar") != null) {
            int close = script.indexOf(m.group("dollar"), at);
            int end = close < 0 ? script.length() : close;
            tokens.add(new Token(Kind.STRING, script.substring(at, end)));
            return close < 0 ? end : end + m.group("dollar").length();
        }
        if (m.group("word") != null) {
            word(m.group("word").toLowerCase(Locale.ROOT));
        } else if (m.group("variable") != null) {
            tokens.add(new Token(Kind.PSQL, m.group()));
        } else if (m.group("quoted") != null) {
            tokens.add(new Token(Kind.QUOTED, m.group("quoted").replace("\"\"", "\"")));
        } else if (m.group("literal") != null || m.group("escaped") != null) {
            if (m.group("goeson") != null) {
                // psql, which reads line by line, goes on without escapes, and the server with them.
                tokens.add(new Token(Kind.PSQL, "E'…'"));
            }
            String text = m.group();
            int quote = text.indexOf('\'');
            String content = text.substring(quote + 1);
            tokens.add(new Token(
                    Kind.STRING,
                    content.substring(0, content.length() - (content.endsWith("'") ? 1 : 0))
                            .replace("''", "'")));
        } else if (m.group("junk") != null || m.group("odd") != null) {
            // What it ends, or what begins behind it, is not the same in all versions.
            tokens.add(new Token(Kind.PSQL, m.group()));
        } else {
            depth += "(".equals(m.group("other")) ? 1 : ")".equals(m.group("other")) ? -1 : 0;
            depth = Math.max(0, depth);
            tokens.add(new Token(Kind.SIGN, m.group()));
        }
        return at;
    }

    /** A body as SQL's own, {@code BEGIN ATOMIC … END}, has semicolons in it. */
    private void word(String word) {
        Token last = tokens.isEmpty() ? null : tokens.get(tokens.size() - 1);
        if (word.equals("atomic") && last != null && last.is("begin") && depth == 0 && makesFunction()) {
            bodies = 1;
        } else if (bodies > 0 && depth == 0 && word.equals("case")) {
            bodies++;
        } else if (bodies > 0 && depth == 0 && word.equals("end")) {
            bodies--;
        }
        tokens.add(new Token(Kind.WORD, word));
    }

    private boolean makesFunction() {
        Words words = new Words(tokens);
        boolean creates = words.accept("create");
        words.accept("or", "replace");
        return creates && (words.sees("function") || words.sees("procedure"));
    }

    /** One of psql's: {@code \g} and its kind end the statement before them, any other stands by itself. */
    private void command(Matcher m) {
        boolean isInside = !tokens.isEmpty();
        finish(m.start());
        String name = m.group().strip().split("[\\s;]", 2)[0];
        Token command = new Token(Kind.WORD, name.toLowerCase(Locale.ROOT));
        statements.add(new ScriptStatement(
                m.group().strip(),
                lineOf(m.start()),
                m.end(),
                isInside ? List.of(command, new Token(Kind.PSQL, name)) : List.of(command)));
    }

    private void finish(int end) {
        if (!tokens.isEmpty()) {
            statements.add(new ScriptStatement(script.substring(start, end).strip(), lineOf(start), end, tokens));
        }
        tokens = new ArrayList<>();
        start = -1;
        depth = 0;
        bodies = 0;
    }

    /** Whether it is a COPY that rows come after; where that is not plain, it gets a token that has it refused. */
    private boolean rowsFollow() {
        Words words = new Words(tokens);
        if (!words.accept("copy")) {
            return false;
        }
        words.accept("binary");
        Object unused = words.table();
        words.parenthesis();
        if (words.accept("from")) {
            // To the server, both are where the client is.
            return words.acceptOneOf(Set.of("stdin", "stdout"));
        }
        if (!words.sees("to")) {
            tokens.add(new Token(Kind.PSQL, "copy"));
        }
        return false;
    }

    /**
     * Rows begin on the next line, whatever else is on this one, and end with a line that is nothing but {@code \\.}; without one, psql
     * takes all of the rest for rows. Where it is not plain what psql would do, the end stands there as a command, which is refused.
     *
     * @param from behind the semicolon
     * @return where to go on
     */
    private int endOfRows(int from) {
        int endOfLine = endOfLine(from);
        String rest = script.substring(from, endOfLine).strip();
        int row = endOfLine;
        boolean isPlain = rest.isEmpty() || rest.startsWith("--");
        while (isPlain && row < script.length()) {
            int end = endOfLine(row + 1);
            String line = script.substring(row + 1, end);
            if (line.equals("\\.") || line.equals("\\.\r")) {
                return end;
            }
            row = end;
        }
        statements.add(new ScriptStatement(
                "\\.", lineOf(from), from, List.of(new Token(Kind.WORD, "\\."), new Token(Kind.PSQL, "\\."))));
        return isPlain ? script.length() : from;
    }

    private int endOfLine(int from) {
        int end = script.indexOf('\n', from);
        return end < 0 ? script.length() : end;
    }

    private int lineOf(int position) {
        return 1
                + (int) script.substring(0, position)
                        .chars()
                        .filter(c -> c == '\n')
                        .count();
    }

    /** Comments nest in PostgreSQL. */
    private int endOfComment(int from) {
        int open = 1;
        int at = from;
        while (at < script.length() && open > 0) {
            if (script.startsWith("/*", at)) {
                open++;
                at += 2;
            } else if (script.startsWith("*/", at)) {
                open--;
                at += 2;
            } else {
                at++;
            }
        }
        return at;
    }
}
