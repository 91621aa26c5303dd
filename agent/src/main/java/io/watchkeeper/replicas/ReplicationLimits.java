package io.watchkeeper.replicas;

import java.time.Duration;

/**
 * How far behind is too far.
 *
 * @param warnAfter a replica this far behind should be looked at
 * @param alertAfter one this far behind needs somebody; no shorter
 */
public record ReplicationLimits(Duration warnAfter, Duration alertAfter) {

    public static final ReplicationLimits USUAL =
            new ReplicationLimits(Duration.ofSeconds(60), Duration.ofSeconds(300));

    /** @param seconds negative when nobody knows, which is no reason to call somebody */
    Verdict judge(double seconds) {
        if (seconds >= alertAfter.toMillis() / 1e3) {
            return Verdict.ALERT;
        }
        return seconds >= warnAfter.toMillis() / 1e3 ? Verdict.WARN : Verdict.OK;
    }
}
