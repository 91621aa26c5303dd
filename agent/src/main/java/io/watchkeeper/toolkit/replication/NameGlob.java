package io.watchkeeper.toolkit.replication;

import io.watchkeeper.problem.OperatorException;
import java.util.regex.Pattern;

/** Which slots or replicas are meant: {@code *} stands for any characters, {@code ?} for one. */
public record NameGlob(String text) {

    public NameGlob {
        if (text.isBlank()) {
            throw new OperatorException(
                    "a name or a pattern is needed here, and this text is empty", "for example 'ship_*'.");
        }
    }

    public boolean matches(String name) {
        StringBuilder regex = new StringBuilder();
        for (char c : text.toCharArray()) {
            regex.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
        }
        return Pattern.compile(regex.toString(), Pattern.DOTALL).matcher(name).matches();
    }

    @Override
    public String toString() {
        return text;
    }
}
