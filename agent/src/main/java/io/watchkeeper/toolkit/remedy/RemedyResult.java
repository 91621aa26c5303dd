package io.watchkeeper.toolkit.remedy;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.replicas.RemedyEvent;
import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What was found and done about a primary's replicas.
 *
 * @param database the primary
 * @param replicas that were too far behind, the furthest first
 * @param timeline of causes, actions and what was taken back
 * @param leftInPlace what could not be taken back yet, a sentence each
 */
public record RemedyResult(
        String database,
        Ending ending,
        List<TreatedReplica> replicas,
        List<RemedyEvent> timeline,
        List<String> leftInPlace,
        Instant startedAt,
        Duration took) {

    /** How it ended. */
    public enum Ending {
        /** No replica was too far behind. */
        NOT_BEHIND("notBehind"),
        /** All that were are not any more. */
        REMEDIED("remedied"),
        /** Nothing is allowed: causes are named, nothing was done. */
        DIAGNOSED("diagnosed"),
        /** At least one is still behind. */
        GAVE_UP("gaveUp"),
        /** Another agent is at it. */
        ELSEWHERE("elsewhere"),
        /** The primary is another server now; what was done is taken back. */
        FAILED_OVER("failedOver"),
        /** The run was told to stop; what was done is taken back. */
        STOPPED("stopped");

        private final String wireName;

        Ending(String wireName) {
            this.wireName = wireName;
        }

        /** As documents spell it. */
        public String wireName() {
            return wireName;
        }
    }

    /**
     * One that was behind.
     *
     * @param secondsBefore negative when nobody knew
     * @param causes the likeliest first, as they were last found while it was behind
     * @param actions in the order in which they were taken
     * @param would what would help and is not allowed
     */
    public record TreatedReplica(
            String name,
            boolean recovered,
            double secondsBefore,
            long bytesBefore,
            double secondsAfter,
            long bytesAfter,
            List<Cause> causes,
            List<String> actions,
            List<String> would,
            @Nullable Duration recoveredAfter) {

        Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("replica", name);
            fields.put("recovered", recovered);
            fields.put("secondsBefore", rounded(secondsBefore));
            fields.put("bytesBefore", bytesBefore);
            fields.put("secondsAfter", rounded(secondsAfter));
            fields.put("bytesAfter", bytesAfter);
            fields.put("causes", causes.stream().map(Cause::fields).toList());
            fields.put("actions", actions);
            fields.put("wouldHelp", would);
            if (recoveredAfter != null) {
                fields.put("recoveredAfterMs", recoveredAfter.toMillis());
            }
            return fields;
        }

        private static double rounded(double seconds) {
            return Math.round(seconds * 1000) / 1000.0;
        }

        String words() {
            String cause = causes.isEmpty() ? "" : causes.get(0).sentence();
            return name + " is " + say(secondsAfter) + " behind: " + cause;
        }
    }

    public RemedyResult {
        replicas = List.copyOf(replicas);
        timeline = List.copyOf(timeline);
        leftInPlace = List.copyOf(leftInPlace);
    }

    /** Whether a replica is still too far behind. */
    public boolean isBehind() {
        return ending == Ending.DIAGNOSED || ending == Ending.GAVE_UP;
    }

    /** As it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", database);
        fields.put("ending", ending.wireName());
        fields.put("replicas", replicas.stream().map(TreatedReplica::fields).toList());
        fields.put("timeline", timeline.stream().map(RemedyResult::line).toList());
        fields.put("leftInPlace", leftInPlace);
        fields.put("durationMs", took.toMillis());
        return fields;
    }

    private static Map<String, Object> line(RemedyEvent event) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("at", event.at().toString());
        fields.put("replica", event.replica());
        fields.put("kind", event.kind().wireName());
        fields.put("text", event.text());
        return fields;
    }

    /** In a sentence. */
    public String words() {
        return switch (ending) {
            case NOT_BEHIND -> "no replica of '" + database + "' is too far behind";
            case REMEDIED -> "all replicas of '" + database + "' have caught up, after " + DurationText.say(took);
            case ELSEWHERE -> "another agent is remedying the replicas of '" + database + "'; this one does nothing";
            case FAILED_OVER -> "'" + database + "' is another server now; what was done is taken back";
            case STOPPED -> "told to stop; what was done for replicas of '" + database + "' is taken back";
            case DIAGNOSED, GAVE_UP ->
                String.join(
                        "; ",
                        replicas.stream()
                                .filter(r -> !r.recovered())
                                .map(TreatedReplica::words)
                                .toList());
        };
    }

    /** Why the step fails; empty when it does not. */
    public Optional<OperatorException> problem() {
        if (!leftInPlace.isEmpty()) {
            return Optional.of(
                    new OperatorException(
                            "not everything could be taken back: " + String.join("; ", leftInPlace),
                            "it is recorded and tried again every hour, at the agent's next start and by the next remediateLag."));
        }
        if (!isBehind()) {
            return Optional.empty();
        }
        List<String> would = replicas.stream()
                .filter(r -> !r.recovered())
                .flatMap(r -> r.would().stream())
                .distinct()
                .toList();
        return Optional.of(new OperatorException(
                words(),
                would.isEmpty()
                        ? "docs/lag-remedies.md says what each cause needs."
                        : "what helps and is not allowed: " + String.join(", ", would)
                                + ". Allow it in the runbook (allow " + String.join(", ", would)
                                + "), or do it by hand."));
    }

    private static String say(double seconds) {
        return seconds < 0 ? "for nobody knows how long" : DurationText.say(Duration.ofMillis((long) (seconds * 1000)));
    }
}
