package io.watchkeeper.toolkit.failover;

import io.watchkeeper.problem.OperatorException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A cluster that a failover manager looks after. What is that tool's business is not done behind its back: it would be undone, or take
 * the change for a failure and act on it.
 *
 * @param name the tool's for the cluster: Patroni's scope, a formation; empty when it has none
 * @param members as the tool has them; empty when it could not be asked
 * @param signs how it was recognised, in words
 * @param problem why the tool could not be asked, or what keeps it from acting; null when all is well. It is not fought with then, either
 */
public record FailoverCluster(
        FailoverTool tool,
        String name,
        List<FailoverMember> members,
        List<String> signs,
        @Nullable String problem) {

    public FailoverCluster {
        members = List.copyOf(members);
        signs = List.copyOf(signs);
    }

    /** The primary, as the tool has it. */
    public Optional<FailoverMember> leader() {
        return members.stream().filter(FailoverMember::leader).findFirst();
    }

    public boolean owns(ManagedAction action) {
        return tool.owns(action);
    }

    /** Whether a slot is one that the tool looks after: by its name, or because a member is called so. */
    public boolean ownsSlot(String slot) {
        return tool.namesSlot(slot)
                || (tool == FailoverTool.PATRONI
                        && members.stream()
                                .anyMatch(member -> slotOf(member.name()).equals(slot)));
    }

    /** Patroni's slots are called like its members, with what may not stand in a slot's name replaced. */
    private static String slotOf(String member) {
        StringBuilder slot = new StringBuilder();
        member.toLowerCase(java.util.Locale.ROOT).codePoints().forEach(c -> {
            if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_') {
                slot.appendCodePoint(c);
            } else if (c == '-' || c == '.') {
                slot.append('_');
            } else {
                slot.append("u%04d".formatted(c));
            }
        });
        return slot.substring(0, Math.min(slot.length(), 63));
    }

    /**
     * Ends what is the tool's business; does nothing for anything else.
     *
     * @param database as configured
     * @throws OperatorException that says how the tool is asked to do it
     */
    public void refuse(ManagedAction action, String database) {
        Optional<String> instead = tool.instead(action, name);
        if (instead.isPresent()) {
            throw new OperatorException(
                    tool.title() + " looks after the server of database '" + database + "' (" + String.join(", ", signs)
                            + "), and " + action.words() + " is its business",
                    instead.get());
        }
    }

    /** In a few words, for example {@code Patroni demo: leader patroni1 at 10.89.0.4:5432, 3 members}. */
    public String words() {
        String called = name.isEmpty() ? tool.title() : tool.title() + " " + name;
        if (problem != null && members.isEmpty()) {
            return called + ", which cannot be asked: " + problem;
        }
        String lead = leader().map(
                        one -> "leader " + one.name() + (one.address().isEmpty() ? "" : " at " + one.address()))
                .orElse("no leader");
        return called + ": " + lead + ", " + members.size() + (members.size() == 1 ? " member" : " members")
                + (problem == null ? "" : "; " + problem);
    }

    /** As it stands in a run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("manager", tool.title());
        fields.put("cluster", name);
        fields.put("members", members.stream().map(FailoverMember::fields).toList());
        fields.put("signs", signs);
        if (problem != null) {
            fields.put("problem", problem);
        }
        return fields;
    }
}
