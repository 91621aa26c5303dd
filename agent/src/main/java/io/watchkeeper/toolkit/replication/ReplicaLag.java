package io.watchkeeper.toolkit.replication;

import io.watchkeeper.replicas.LagBytes;
import io.watchkeeper.replicas.Replica;
import io.watchkeeper.replicas.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A replica, judged.
 *
 * @param stage where most of what it lacks is held up
 * @param since when it was last up to date; null while it is, and where nobody knows
 */
public record ReplicaLag(
        Replica replica, Stage stage, @Nullable Instant since, Verdict status) {

    /** The way of the log, and where it is held up. */
    public enum Stage {
        NONE("up to date"),
        SEND("not sent yet: the server or the link is slow"),
        WRITE("sent and not written: the link or the standby's disk is slow"),
        FLUSH("written and not flushed: the standby's disk is slow"),
        REPLAY("received and not replayed: replay is slow, blocked or paused"),
        CONNECTION("not connected");

        private final String words;

        Stage(String words) {
            this.words = words;
        }

        /** For people. */
        @Override
        public String toString() {
            return words;
        }

        /** As documents spell it. */
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Stage of(Replica replica) {
            if (!replica.isConnected()) {
                return CONNECTION;
            }
            LagBytes bytes = replica.bytes();
            if (bytes.replay() <= 0) {
                return NONE;
            }
            long sent = Math.max(0, bytes.sent());
            long write = Math.max(sent, bytes.write());
            long flush = Math.max(write, bytes.flush());
            long largest = Math.max(Math.max(sent, write - sent), Math.max(flush - write, bytes.replay() - flush));
            return largest == bytes.replay() - flush
                    ? REPLAY
                    : largest == sent ? SEND : largest == write - sent ? WRITE : FLUSH;
        }
    }

    public String name() {
        return replica.name();
    }

    /** Negative when nobody knows. */
    public double seconds() {
        return replica.seconds();
    }

    /** Not replayed; negative when nobody knows. */
    public long bytes() {
        return replica.bytes().replay();
    }

    public boolean isConnected() {
        return replica.isConnected();
    }

    /** How far it is behind in time; nothing where nobody knows. */
    public Duration lag() {
        return Duration.ofMillis((long) (Math.max(0, replica.seconds()) * 1000));
    }

    Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("standby", replica.name());
        fields.put("kind", replica.kind().name().toLowerCase(Locale.ROOT));
        fields.put("connection", replica.connection());
        fields.put("syncState", replica.syncState());
        if (replica.slot() != null) {
            fields.put("slot", replica.slot());
        }
        if (replica.address() != null) {
            fields.put("address", replica.address());
        }
        putKnown(fields, "lagSeconds", replica.seconds());
        putKnown(fields, "lagBytes", replica.bytes().replay());
        Map<String, Object> stages = new LinkedHashMap<>();
        putKnown(stages, "sent", replica.bytes().sent());
        putKnown(stages, "write", replica.bytes().write());
        putKnown(stages, "flush", replica.bytes().flush());
        putKnown(stages, "replay", replica.bytes().replay());
        fields.put("bytes", stages);
        fields.put("stage", stage.wireName());
        if (since != null) {
            fields.put("since", since.toString());
        }
        fields.put("seenAt", replica.seenAt().toString());
        fields.put("status", status.wireName());
        return fields;
    }

    private static void putKnown(Map<String, Object> fields, String name, Number value) {
        if (value.doubleValue() >= 0) {
            fields.put(name, value);
        }
    }
}
