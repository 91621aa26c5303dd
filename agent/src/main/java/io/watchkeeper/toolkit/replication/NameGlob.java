package io.watchkeeper.toolkit.replication;

import io.watchkeeper.problem.OperatorException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Which slots or replicas are meant: {@code *} stands for any characters, {@code ?} for one. */
public record NameGlob(String text) {

    public NameGlob {
        if (text.isBlank()) {
            throw new OperatorException(
                    "a name or a pattern is needed here, and this text is empty", "for example 'ship_*'.");
        }
    }

    public boolean matches(String name) {
        String regex = text.chars()
                .mapToObj(c -> c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(Character.toString(c)))
                .collect(Collectors.joining());
        return Pattern.compile(regex, Pattern.DOTALL).matcher(name).matches();
    }

    @Override
    public String toString() {
        return text;
    }
}
