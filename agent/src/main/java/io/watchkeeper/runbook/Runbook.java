package io.watchkeeper.runbook;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A loaded runbook. Immutable; making one opens no connection.
 *
 * @param roles the host roles that load it; empty for all
 * @param fingerprint of the file's text (SHA-256, hex): equal text, equal runbook
 * @param checklist how often it is gone through; null for a runbook that is no checklist
 */
public record Runbook(
        String name,
        String description,
        String owner,
        Set<String> roles,
        @Nullable Schedule schedule,
        Policy policy,
        List<Guard> guards,
        List<Parameter> parameters,
        List<Step> steps,
        @Nullable StepBody onFailure,
        @Nullable StepBody onRecovery,
        SourceLocation location,
        String fingerprint,
        @Nullable Checklist checklist) {

    public Runbook {
        roles = Set.copyOf(roles);
        guards = List.copyOf(guards);
        parameters = List.copyOf(parameters);
        steps = List.copyOf(steps);
    }

    /** One that is no checklist. */
    public Runbook(
            String name,
            String description,
            String owner,
            Set<String> roles,
            @Nullable Schedule schedule,
            Policy policy,
            List<Guard> guards,
            List<Parameter> parameters,
            List<Step> steps,
            @Nullable StepBody onFailure,
            @Nullable StepBody onRecovery,
            SourceLocation location,
            String fingerprint) {
        this(
                name,
                description,
                owner,
                roles,
                schedule,
                policy,
                guards,
                parameters,
                steps,
                onFailure,
                onRecovery,
                location,
                fingerprint,
                null);
    }

    /** The same as a checklist, or as none. */
    public Runbook asChecklist(@Nullable Checklist rhythm) {
        return new Runbook(
                name,
                description,
                owner,
                roles,
                schedule,
                policy,
                guards,
                parameters,
                steps,
                onFailure,
                onRecovery,
                location,
                fingerprint,
                rhythm);
    }

    public Optional<Parameter> parameter(String parameterName) {
        return parameters.stream().filter(p -> p.name().equals(parameterName)).findFirst();
    }

    /** Whether its schedule belongs to the cluster, and one agent of it runs it. */
    public boolean isClusterWide() {
        return policy.scope() == Policy.Scope.CLUSTER;
    }

    public boolean runsOn(String role) {
        return roles.isEmpty() || roles.contains(role);
    }
}
