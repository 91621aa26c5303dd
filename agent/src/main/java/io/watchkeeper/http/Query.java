package io.watchkeeper.http;

import io.javalin.http.Context;
import io.watchkeeper.problem.Suggestion;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The query parameters of a request. An unknown one is an error: a misspelt filter would silently not filter. */
final class Query {

    private final Map<String, List<String>> given;

    private Query(Map<String, List<String>> given) {
        this.given = given;
    }

    static Query of(Context ctx, String... known) {
        Map<String, List<String>> given = ctx.queryParamMap();
        List<String> names = List.of(known);
        for (Map.Entry<String, List<String>> parameter : given.entrySet()) {
            String name = parameter.getKey();
            if (!names.contains(name)) {
                throw ApiException.badRequest(
                        "unknown query parameter '" + name + "'",
                        names.isEmpty()
                                ? "This call takes none."
                                : Suggestion.didYouMean(name, names) + "Parameters here: " + String.join(", ", names)
                                        + ".");
            }
            // What cannot be decoded arrives without a value.
            if (parameter.getValue().isEmpty()) {
                throw ApiException.badRequest(
                        "the value of query parameter '" + name + "' cannot be read", "Encode % as %25.");
            }
            if (parameter.getValue().size() > 1) {
                throw ApiException.badRequest("query parameter '" + name + "' is given more than once", null);
            }
        }
        return new Query(given);
    }

    Optional<String> text(String name) {
        return Optional.ofNullable(given.get(name)).map(values -> values.get(0)).filter(value -> !value.isEmpty());
    }

    int number(String name, int whenAbsent, int least, int most) {
        Optional<String> text = text(name);
        if (text.isEmpty()) {
            return whenAbsent;
        }
        try {
            int number = Integer.parseInt(text.get());
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below, together with numbers out of range.
        }
        throw ApiException.badRequest(
                name + " is '" + text.get() + "'", "Give a whole number from " + least + " to " + most + ".");
    }
}
