package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.migrate.ScriptStatement.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Goes through the tokens of a statement from left to right. */
final class Words {

    private final List<Token> tokens;
    private int at;

    Words(List<Token> tokens) {
        this.tokens = tokens;
    }

    /** Goes past these words when they come next. */
    boolean accept(String... words) {
        for (int i = 0; i < words.length; i++) {
            if (at + i >= tokens.size() || !tokens.get(at + i).is(words[i])) {
                return false;
            }
        }
        at += words.length;
        return true;
    }

    /** Goes past the next word when it is one of these. */
    boolean acceptOneOf(Set<String> words) {
        boolean is = at < tokens.size() && words.stream().anyMatch(tokens.get(at)::is);
        at += is ? 1 : 0;
        return is;
    }

    boolean sees(String... words) {
        int before = at;
        boolean is = accept(words);
        at = before;
        return is;
    }

    /** A name that may have a schema before it; null when none comes next, or none that a table can have. */
    @Nullable
    TableName table() {
        accept("only");
        List<String> parts = new ArrayList<>();
        while (at < tokens.size() && tokens.get(at).isName()) {
            parts.add(tokens.get(at++).text());
            if (at < tokens.size() && tokens.get(at).isSign(".")) {
                at++;
            } else {
                break;
            }
        }
        try {
            return switch (parts.size()) {
                case 1 -> new TableName("public", parts.get(0));
                case 2 -> new TableName(parts.get(0), parts.get(1));
                default -> null;
            };
        } catch (OperatorException e) {
            return null;
        }
    }

    /** Goes past a parenthesis with all that is in it when one comes next. */
    void parenthesis() {
        int depth = 0;
        while (at < tokens.size() && (depth > 0 || tokens.get(at).isSign("("))) {
            depth += tokens.get(at).isSign("(") ? 1 : tokens.get(at).isSign(")") ? -1 : 0;
            at++;
            if (depth == 0) {
                return;
            }
        }
    }

    /** A name without a schema; empty when none comes next. */
    String name() {
        return at < tokens.size() && tokens.get(at).isName() ? tokens.get(at++).text() : "";
    }

    /** Everything that is left. */
    List<Token> rest() {
        return tokens.subList(Math.min(at, tokens.size()), tokens.size());
    }

    boolean restHas(String... words) {
        List<Token> rest = rest();
        for (int i = 0; i + words.length <= rest.size(); i++) {
            boolean all = true;
            for (int j = 0; j < words.length && all; j++) {
                all = rest.get(i + j).is(words[j]);
            }
            if (all) {
                return true;
            }
        }
        return false;
    }

    String restText() {
        return rest().stream().map(Token::text).collect(Collectors.joining(" ")).toLowerCase(Locale.ROOT);
    }

    /** Names before a parenthesis in what is left. */
    List<String> calls() {
        List<Token> rest = rest();
        List<String> calls = new ArrayList<>();
        for (int i = 0; i + 1 < rest.size(); i++) {
            if (rest.get(i).isName() && rest.get(i + 1).isSign("(")) {
                calls.add(rest.get(i).text());
            }
        }
        return calls;
    }

    /** What is left, divided at the commas that are in no parentheses. */
    List<Words> parts() {
        List<Words> parts = new ArrayList<>();
        List<Token> part = new ArrayList<>();
        int depth = 0;
        for (Token token : rest()) {
            depth += token.isSign("(") ? 1 : token.isSign(")") ? -1 : 0;
            if (depth == 0 && token.isSign(",")) {
                parts.add(new Words(List.copyOf(part)));
                part.clear();
            } else {
                part.add(token);
            }
        }
        parts.add(new Words(List.copyOf(part)));
        return parts;
    }
}
