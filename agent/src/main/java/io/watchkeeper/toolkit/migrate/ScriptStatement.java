package io.watchkeeper.toolkit.migrate;

import java.util.Arrays;
import java.util.List;

/**
 * One statement of a script for psql, or one of psql's own commands, seen from outside.
 *
 * @param text as written, without the semicolon
 * @param line of the script where it begins, from 1
 * @param end where its text ends in the script, in characters
 * @param tokens its words, names, strings and signs, in order; a command of psql has one, its name with the backslash
 */
record ScriptStatement(String text, int line, int end, List<Token> tokens) {

    /** What a piece of a statement is. */
    enum Kind {
        /** A bare word, folded to lower case. */
        WORD,
        /** A name in double quotes, without them. */
        QUOTED,
        /** The content of a literal, dollar quotes included. */
        STRING,
        /** A number or any other character. */
        SIGN,
        /** A variable of psql, which puts its value there; or one of psql's commands in the middle of a statement. */
        PSQL
    }

    record Token(Kind kind, String text) {

        boolean is(String word) {
            return kind == Kind.WORD && text.equals(word);
        }

        boolean isSign(String sign) {
            return kind == Kind.SIGN && text.equals(sign);
        }

        boolean isName() {
            return kind == Kind.WORD || kind == Kind.QUOTED;
        }
    }

    ScriptStatement {
        tokens = List.copyOf(tokens);
    }

    boolean isCommand() {
        return text.startsWith("\\");
    }

    /** Whether psql sends something else than is written. */
    boolean isChangedByPsql() {
        return tokens.stream().anyMatch(token -> token.kind() == Kind.PSQL);
    }

    boolean startsWith(String... words) {
        for (int i = 0; i < words.length; i++) {
            if (tokens.size() <= i || !tokens.get(i).is(words[i])) {
                return false;
            }
        }
        return true;
    }

    /** As a bare word or in double quotes, in upper or lower case: options are also known so. */
    boolean hasOption(String... options) {
        return tokens.stream()
                .filter(Token::isName)
                .anyMatch(token -> Arrays.stream(options).anyMatch(token.text()::equalsIgnoreCase));
    }

    boolean has(String word) {
        return tokens.stream().anyMatch(token -> token.is(word));
    }
}
