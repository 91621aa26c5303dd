package io.watchkeeper.dsl;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One use of a verb, as it is written in a step or a hook.
 *
 * @param verb for example {@code copyTable}
 * @param arguments in words, without the block
 * @param options of the block, each with all of its values in words; empty text for an option that is just named
 * @param conditions under which it is done, from the outermost
 */
record Deed(String verb, List<String> arguments, Map<String, List<String>> options, List<Condition> conditions) {

    /** What stands around a verb. */
    enum Kind {
        IF,
        UNLESS,
        EACH,
        WHILE,
        /** Something in the same {@code try} failed. */
        CATCH,
        /** Code before it may have left the step. */
        ENDED
    }

    /** @param text the condition, or what is gone through, as it is written; empty where the kind says it all */
    record Condition(Kind kind, String text) {}

    Deed {
        arguments = List.copyOf(arguments);
        conditions = List.copyOf(conditions);
    }

    /** The values of an argument ({@code 0}), of all arguments from one on ({@code 1+}), or of an option. */
    Stream<String> values(String place) {
        if (place.matches("\\d\\+")) {
            return arguments.stream().skip(place.charAt(0) - '0');
        }
        if (place.matches("\\d")) {
            return arguments.stream().skip(place.charAt(0) - '0').limit(1);
        }
        return options.getOrDefault(place, List.of()).stream();
    }
}
