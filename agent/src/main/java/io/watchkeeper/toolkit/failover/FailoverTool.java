package io.watchkeeper.toolkit.failover;

import static io.watchkeeper.toolkit.failover.ManagedAction.PROVISION_STANDBY;
import static io.watchkeeper.toolkit.failover.ManagedAction.REPROVISION_STANDBY;
import static io.watchkeeper.toolkit.failover.ManagedAction.SWITCHOVER;
import static io.watchkeeper.toolkit.failover.ManagedAction.SYNCHRONOUS_STANDBYS;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A program that decides which server of a cluster is the primary, what it has made its business, and how it is asked to do it. */
public enum FailoverTool {
    PATRONI(
            "Patroni",
            null,
            Map.of(
                    SWITCHOVER, "ask it: patronictl switchover %s.",
                    SYNCHRONOUS_STANDBYS,
                            "set synchronous_mode and synchronous_node_count by patronictl edit-config %s.",
                    PROVISION_STANDBY,
                            "start Patroni on the new host with the same scope: it makes the standby itself.",
                    REPROVISION_STANDBY, "ask it: patronictl reinit %s MEMBER.")),
    PG_AUTO_FAILOVER(
            "pg_auto_failover",
            Pattern.compile("pgautofailover_standby_\\d+"),
            Map.of(
                    SWITCHOVER, "ask it: pg_autoctl perform switchover.",
                    SYNCHRONOUS_STANDBYS,
                            "ask it: pg_autoctl set formation number-sync-standbys, and set node replication-quorum.",
                    PROVISION_STANDBY, "ask it on the new host: pg_autoctl create postgres --monitor ….",
                    REPROVISION_STANDBY, "ask it: pg_autoctl drop node, then pg_autoctl create postgres.")),
    REPMGR(
            "repmgr",
            Pattern.compile("repmgr_slot_\\d+"),
            Map.of(
                    SWITCHOVER, "ask it, on the standby that is to be the primary: repmgr standby switchover.",
                    PROVISION_STANDBY, "ask it on the new host: repmgr standby clone, then repmgr standby register.",
                    REPROVISION_STANDBY, "ask it on that host: repmgr standby clone --force."));

    private final String title;
    private final @Nullable Pattern slots;

    @SuppressWarnings("ImmutableEnumChecker") // made by Map.of, all of them
    private final Map<ManagedAction, String> own;

    FailoverTool(String title, @Nullable Pattern slots, Map<ManagedAction, String> own) {
        this.title = title;
        this.slots = slots;
        this.own = own;
    }

    /** As its authors spell it. */
    public String title() {
        return title;
    }

    public boolean owns(ManagedAction action) {
        return own.containsKey(action);
    }

    /** How the tool is asked to do it. @param cluster its name there; empty when it has none */
    Optional<String> instead(ManagedAction action, String cluster) {
        return Optional.ofNullable(own.get(action))
                .map(text -> text.replace(" %s", cluster.isEmpty() ? "" : " " + cluster));
    }

    /** Whether a slot of that name is one that the tool makes for a standby; not known by name for Patroni's. */
    boolean namesSlot(String slot) {
        return slots != null && slots.matcher(slot).matches();
    }
}
