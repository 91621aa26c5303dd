package io.watchkeeper.toolkit.remedy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.replicas.Replica;
import io.watchkeeper.replicas.ReplicationSlot;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A replica at one look, from both ends.
 *
 * @param slot it reads from, as the primary has it; null without one
 * @param standby the configured database that it is; null when none is known
 * @param look from its own end; null when it could not be asked
 * @param problem why it could not
 * @param seconds how far it is behind; negative when nobody knows
 */
record Behind(
        Replica replica,
        @Nullable ReplicationSlot slot,
        @Nullable Database standby,
        @Nullable StandbyLook look,
        @Nullable String problem,
        double seconds) {

    String name() {
        return replica.name();
    }

    /** Not replayed; negative when nobody knows. */
    long bytes() {
        return replica.bytes().replay();
    }

    Optional<StandbyLook> fromItself() {
        return Optional.ofNullable(look);
    }

    String words() {
        String time = seconds < 0 ? "behind for nobody knows how long" : DurationText.say(say(seconds)) + " behind";
        return bytes() < 0 ? time : time + ", " + Bytes.of(bytes()) + " not replayed";
    }

    private static Duration say(double seconds) {
        return Duration.ofMillis(Math.round(seconds * 1000));
    }
}
