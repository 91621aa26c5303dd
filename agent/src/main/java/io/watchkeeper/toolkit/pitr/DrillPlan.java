package io.watchkeeper.toolkit.pitr;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a drill is to prove.
 *
 * @param backup the one to restore; null for the newest good one that the target can be reached from
 * @param maxRpo how much may be lost at most
 * @param maxRto how long it may take from the start until the last check has passed
 * @param checks questions to the recovered cluster
 * @param synthetic a file with a piece of the application's own work; null for none
 * @param amcheck whether every index is looked through
 * @param compare tables or patterns that are compared with the source's; empty for none
 * @param port the number in the name of the sandbox's socket
 */
public record DrillPlan(
        RecoveryTarget target,
        @Nullable String backup,
        Duration maxRpo,
        Duration maxRto,
        List<CheckQuery> checks,
        @Nullable Path synthetic,
        boolean amcheck,
        List<String> compare,
        int port) {

    public static final Duration MAX_RPO = Duration.ofMinutes(5);
    public static final Duration MAX_RTO = Duration.ofMinutes(30);
    public static final int PORT = 54320;

    public DrillPlan {
        checks = List.copyOf(checks);
        compare = List.copyOf(compare);
    }

    /** With the usual limits, every index looked through, and nothing else. */
    public static DrillPlan to(RecoveryTarget target) {
        return new DrillPlan(target, null, MAX_RPO, MAX_RTO, List.of(), null, true, List.of(), PORT);
    }
}
