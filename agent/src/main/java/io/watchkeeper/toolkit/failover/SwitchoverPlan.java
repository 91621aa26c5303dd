package io.watchkeeper.toolkit.failover;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The primary's role is to go from one server to another.
 *
 * @param from the configured database that is the primary; its server runs on this host
 * @param to the configured database that is a standby of it
 * @param confirm what a person said: {@code from→to}; null when nobody has
 * @param maxLag the standby may be so far behind when it begins
 * @param within how long each wait may take: for the shutdown, for the standby to catch up, for the promotion, for the old primary's return
 * @param unit the old primary's unit of systemd; null when pg_ctl stops and starts it
 * @param address where the old primary finds the new one, host and port; null for what the configuration says
 * @param repoint other standbys, configured databases, that are to follow the new primary
 * @param dropLogicalSlots whether logical slots may be lost that the standby does not have
 * @param rewind whether pg_rewind may throw away what the old primary has written and the new one does not have
 */
public record SwitchoverPlan(
        String from,
        String to,
        @Nullable String confirm,
        Bytes maxLag,
        Duration within,
        @Nullable String unit,
        @Nullable String address,
        List<String> repoint,
        boolean dropLogicalSlots,
        boolean rewind) {

    public static final Bytes MAX_LAG = Bytes.megabytes(16);
    public static final Duration WITHIN = Duration.ofSeconds(60);

    /** @throws OperatorException when both are the same */
    public SwitchoverPlan {
        repoint = List.copyOf(repoint);
        if (from.equals(to)) {
            throw new OperatorException("a switchover from '" + from + "' to itself", "name a standby of it.");
        }
        if (address != null && !address.matches(".+:\\d{1,5}")) {
            throw new OperatorException("'" + address + "' is no address", "give host and port, as 10.9.0.3:5432.");
        }
    }

    /** As a person confirms it. */
    public String title() {
        return from + "→" + to;
    }

    /** Whether a person has said that this is meant. */
    public boolean isConfirmed() {
        return confirm != null
                && confirm.replaceAll("\\s", "").replace("->", "→").equals(title());
    }
}
