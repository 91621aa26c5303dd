package io.watchkeeper.toolkit.failover;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What looks after a server, as runbooks see it.
 *
 * @param database as configured
 * @param cluster empty where nothing does
 */
public record FailoverStatus(String database, Optional<FailoverCluster> cluster) {

    /** {@code Patroni}, {@code pg_auto_failover}, {@code repmgr} or {@code none}. */
    public String manager() {
        return cluster.map(one -> one.tool().title()).orElse("none");
    }

    /** The primary's name as the manager has it; empty when nobody knows one. */
    public String leader() {
        return cluster.flatMap(FailoverCluster::leader)
                .map(FailoverMember::name)
                .orElse("");
    }

    /** Where the primary is, host and port; empty when nobody knows. */
    public String leaderAddress() {
        return cluster.flatMap(FailoverCluster::leader)
                .map(FailoverMember::address)
                .orElse("");
    }

    /** The servers, as the manager has them. */
    public List<FailoverMember> members() {
        return cluster.map(FailoverCluster::members).orElse(List.of());
    }

    /** Why the manager could not be asked, or what keeps it from acting; empty when all is well. */
    public String problem() {
        return cluster.map(FailoverCluster::problem).orElse("");
    }

    /** In one line. */
    public String words() {
        return database + ": " + cluster.map(FailoverCluster::words).orElse("no failover manager");
    }

    /** As it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", database);
        fields.put("manager", manager());
        cluster.ifPresent(one -> fields.putAll(one.fields()));
        return fields;
    }
}
