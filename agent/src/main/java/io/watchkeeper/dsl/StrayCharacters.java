package io.watchkeeper.dsl;

import groovyjarjarantlr4.v4.runtime.CharStreams;
import groovyjarjarantlr4.v4.runtime.LexerNoViableAltException;
import groovyjarjarantlr4.v4.runtime.Token;
import java.util.regex.Pattern;
import org.apache.groovy.parser.antlr4.GroovyLangLexer;
import org.apache.groovy.parser.antlr4.GroovySyntaxError;

/**
 * Finds a character that cannot stand where it is, before Groovy's parser does: about some of them the parser writes a line of
 * its own to the process's error output, where nobody can place it.
 */
final class StrayCharacters {

    /** Only a text that holds one of these can make the parser do that; others are not read a second time. */
    private static final Pattern SUSPICIOUS = Pattern.compile("[#`\\\\$]");

    private StrayCharacters() {}

    /** @return true when one was found, and said */
    static boolean found(String text, CompileRequest request) {
        if (!SUSPICIOUS.matcher(text).find()) {
            return false;
        }
        GroovyLangLexer lexer = new GroovyLangLexer(CharStreams.fromString(text));
        lexer.removeErrorListeners();
        try {
            while (lexer.nextToken().getType() != Token.EOF) {
                // Reading is all that is wanted.
            }
            return false;
        } catch (LexerNoViableAltException e) {
            return say(text, e.getStartIndex(), request);
        } catch (GroovySyntaxError e) {
            // The parser finds it, too, and says it without noise.
            return false;
        }
    }

    /** @param index in code points, as the lexer counts */
    private static boolean say(String text, int index, CompileRequest request) {
        int at = text.offsetByCodePoints(0, Math.min(index, text.codePointCount(0, text.length())));
        // The lexer gives up at what begins with the character, the dollar sign of a text for one.
        int line = (int) text.substring(0, at).chars().filter(c -> c == '\n').count() + 1;
        int column = at - text.lastIndexOf('\n', at - 1);
        String found = at < text.length() ? text.substring(at, text.offsetByCodePoints(at, 1)) : "the end of the file";
        boolean dollar = found.equals("$") || (at > 0 && text.charAt(at - 1) == '$');
        request.problem(
                line,
                column,
                dollar
                        ? "a dollar sign cannot stand alone in a text between double quotes"
                        : "'" + found + "' cannot stand here",
                dollar ? "write \\$, or put the text between single quotes." : "is a quote missing before it?");
        return true;
    }
}
