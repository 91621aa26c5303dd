package io.watchkeeper.toolkit.remedy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Why a replica may be behind.
 *
 * @param likelihood from 0 to 1; 1 is what cannot be anything else
 * @param evidence in a sentence, with names and figures
 * @param blockers the sessions that hold replay up, where there are some, the worst first
 */
public record Cause(Kind kind, double likelihood, String evidence, List<Blocker> blockers) {

    public Cause {
        blockers = List.copyOf(blockers);
    }

    Cause(Kind kind, double likelihood, String evidence) {
        this(kind, likelihood, evidence, List.of());
    }

    /** What it may be, and what helps then. */
    public enum Kind {
        SLOT_LOST("the log it needs is gone", Remedy.REPROVISION),
        REPLAY_PAUSED("replay is paused", Remedy.RESUME_REPLAY),
        APPLY_DELAY("it is told to replay late"),
        RECEIVER_DOWN("it does not receive", Remedy.RESTART_RECEIVER),
        RECEIVER_SILENT("its receiver hears nothing", Remedy.RESTART_RECEIVER),
        CONFLICTING_QUERY(
                "a query on it needs rows that replay removes",
                Remedy.CANCEL_CONFLICTS,
                Remedy.TERMINATE_CONFLICTS,
                Remedy.HOT_STANDBY_FEEDBACK),
        LOCKED_RELATION(
                "a session on it holds a lock that replay needs", Remedy.CANCEL_CONFLICTS, Remedy.TERMINATE_CONFLICTS),
        NETWORK("the link does not carry what is written", Remedy.YIELD_RUNS, Remedy.COST_LIMIT),
        LONG_VACUUM(
                "a long vacuum writes and cleans up on the primary",
                Remedy.COST_LIMIT,
                Remedy.HOT_STANDBY_FEEDBACK,
                Remedy.YIELD_RUNS),
        STANDBY_IO("its disk is too slow", Remedy.YIELD_RUNS),
        CHECKPOINTS("checkpoints follow each other", Remedy.YIELD_RUNS),
        BLOATED_INDEX("a bloated index makes much log and many reads", Remedy.REINDEX),
        BUSY_REPLAY("it replays as fast as it can", Remedy.YIELD_RUNS),
        CATCHING_UP("it is catching up"),
        UNKNOWN("nothing that shows");

        private final String words;

        @SuppressWarnings("ImmutableEnumChecker") // Set.of is
        private final Set<Remedy> helps;

        Kind(String words, Remedy... helps) {
            this.words = words;
            this.helps = Set.of(helps);
        }

        /** In plain words. */
        public String words() {
            return words;
        }

        /** As documents spell it, for example {@code conflictingQuery}. */
        public String wireName() {
            String[] parts = name().toLowerCase(Locale.ROOT).split("_");
            StringBuilder camel = new StringBuilder(parts[0]);
            for (int i = 1; i < parts.length; i++) {
                camel.append(Character.toUpperCase(parts[i].charAt(0))).append(parts[i].substring(1));
            }
            return camel.toString();
        }

        boolean isHelpedBy(Remedy remedy) {
            return helps.contains(remedy);
        }
    }

    String sentence() {
        return kind.words() + ": " + evidence;
    }

    Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("cause", kind.wireName());
        fields.put("likelihood", Math.round(likelihood * 100) / 100.0);
        fields.put("evidence", evidence);
        if (!blockers.isEmpty()) {
            fields.put("blockers", blockers.stream().map(Blocker::fields).toList());
        }
        return fields;
    }
}
