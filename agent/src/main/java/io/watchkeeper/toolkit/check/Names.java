package io.watchkeeper.toolkit.check;

import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Names that are not SQL: of applications, for example. */
final class Names {

    private Names() {}

    /** @param pattern in which {@code *} stands for any characters */
    static boolean match(String pattern, String name) {
        String expression =
                Arrays.stream(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        return Pattern.compile(expression, Pattern.DOTALL).matcher(name).matches();
    }
}
