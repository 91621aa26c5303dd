package io.watchkeeper.config;

import io.watchkeeper.units.DurationText;
import java.time.Duration;

/** Reads {@code replication}. */
final class ReplicationBlock {

    private ReplicationBlock() {}

    static AgentConfig.Replication read(ConfigNode replication) {
        Duration every = replication.duration("every", Duration.ofSeconds(1), Duration.ofSeconds(10));
        Duration alertAfter = replication.duration("alertAfter", Duration.ofSeconds(1), Duration.ofSeconds(300));
        // Whoever draws the red line below a minute and says nothing of the yellow one means no yellow one above it.
        Duration usual = Duration.ofSeconds(60).compareTo(alertAfter) < 0 ? Duration.ofSeconds(60) : alertAfter;
        Duration warnAfter = replication.duration("warnAfter", Duration.ofSeconds(1), usual);
        if (warnAfter.compareTo(alertAfter) > 0) {
            replication.problem(
                    replication.has("warnAfter") ? "warnAfter" : "alertAfter",
                    replication.named("warnAfter") + " is " + DurationText.say(warnAfter) + ", which is later than "
                            + replication.named("alertAfter") + ", " + DurationText.say(alertAfter),
                    "a warning comes first: make it the shorter one.");
        }
        return new AgentConfig.Replication(every, warnAfter, alertAfter);
    }
}
