package io.watchkeeper.toolkit.failover;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A server of a cluster, as the tool that looks after it has it.
 *
 * @param leader whether it is the primary there
 * @param role in the tool's words, for example {@code sync_standby}
 * @param state likewise, for example {@code streaming}
 * @param address host and port of its PostgreSQL; empty when the tool does not say
 * @param lagBytes not replayed; null when the tool does not say
 */
public record FailoverMember(
        String name,
        boolean leader,
        String role,
        String state,
        String address,
        @Nullable Long lagBytes) {

    Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", name);
        fields.put("role", role);
        fields.put("state", state);
        fields.put("address", address);
        if (lagBytes != null) {
            fields.put("lagBytes", lagBytes);
        }
        return fields;
    }
}
