package io.watchkeeper.engine;

import io.watchkeeper.problem.Suggestion;
import io.watchkeeper.runbook.Parameter;
import io.watchkeeper.runbook.Runbook;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Fits the values a caller gave to the parameters a runbook declares. */
public final class RunParameters {

    private RunParameters() {}

    /**
     * The values with the runbook's defaults filled in, in the order of the declaration.
     *
     * @throws ParametersException when a name is not declared, or a declared one has neither value nor default
     */
    public static Map<String, String> complete(Runbook runbook, Map<String, String> given) {
        List<String> known = runbook.parameters().stream().map(Parameter::name).toList();
        for (String name : new TreeSet<>(given.keySet())) {
            if (!known.contains(name)) {
                throw new ParametersException(
                        "runbook '" + runbook.name() + "' has no parameter '" + name + "'",
                        known.isEmpty()
                                ? "it takes no parameters; declare one with: param '" + name + "', 'its default'"
                                : Suggestion.didYouMean(name, known) + "Parameters: " + String.join(", ", known) + ".");
            }
        }
        Map<String, String> complete = new LinkedHashMap<>();
        for (Parameter parameter : runbook.parameters()) {
            String value = given.getOrDefault(parameter.name(), parameter.defaultValue());
            if (value == null) {
                throw new ParametersException(
                        "runbook '" + runbook.name() + "' needs a value for its parameter '" + parameter.name() + "'",
                        "give it with -P " + parameter.name() + "=VALUE, or over HTTP with {\"params\": {\""
                                + parameter.name() + "\": \"VALUE\"}}.");
            }
            complete.put(parameter.name(), value);
        }
        return complete;
    }
}
