package io.watchkeeper.toolkit.tenant;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.problem.OperatorException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What trying to reach others' rows as a tenant came to.
 *
 * @param unproven tables in which no row could be planted, with the reason: there, only rows that were there already could be looked for
 */
public record Proof(TenantId tenant, List<Check> checks, Map<String, String> unproven) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * One thing that was tried.
     *
     * @param on the table or schema
     * @param name what has to be so: {@code reads no rows of others}
     * @param found what was so instead; empty when it passed
     */
    public record Check(String on, String name, boolean passed, String found) {}

    public Proof {
        checks = List.copyOf(checks);
        unproven = Map.copyOf(unproven);
    }

    public boolean passed() {
        return checks.stream().allMatch(Check::passed);
    }

    /** The first thing that was not as it has to be. */
    public Optional<OperatorException> failure() {
        List<Check> failed = checks.stream().filter(one -> !one.passed()).toList();
        if (failed.isEmpty()) {
            return Optional.empty();
        }
        Check first = failed.get(0);
        return Optional.of(new OperatorException(
                "tenant '" + tenant + "' is not kept apart: " + first.on() + ": it has to be that it " + first.name()
                        + ", but " + first.found()
                        + (failed.size() == 1 ? "" : ", and " + (failed.size() - 1) + " more"),
                "verifyTenants (watchkeeper tenant verify) names the hole and the statement that closes it."));
    }

    /** The checks as the run document has them. */
    public List<Map<String, Object>> fields() {
        return checks.stream()
                .map(one -> {
                    Map<String, Object> fields = new LinkedHashMap<>();
                    fields.put("on", one.on());
                    fields.put("name", one.name());
                    fields.put("passed", one.passed());
                    if (!one.found().isEmpty()) {
                        fields.put("found", one.found());
                    }
                    return fields;
                })
                .toList();
    }

    String json() {
        try {
            return JSON.writeValueAsString(Map.of("checks", fields(), "unproven", unproven));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
