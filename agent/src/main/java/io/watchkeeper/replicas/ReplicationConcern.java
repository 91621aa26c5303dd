package io.watchkeeper.replicas;

import java.util.Locale;

/**
 * Something about replication that somebody should look at.
 *
 * @param verdict {@link Verdict#WARN} or {@link Verdict#ALERT}
 * @param database whose log it is, or the standby's own
 * @param subject the replica or slot it is about; empty when it is about the server
 * @param detail figures alone, the same in every language; may be empty
 */
public record ReplicationConcern(Kind kind, Verdict verdict, String database, String subject, String detail) {

    /** What it is. */
    public enum Kind {
        LAG,
        AWAY,
        BEHIND,
        LOST_SLOT,
        SLOT_IN_DANGER,
        SLOT_WITHOUT_LIMIT,
        DISK_FILLING,
        NO_RECEIVER,
        PAUSED_REPLAY;

        /** As documents spell it, for example {@code lostSlot}. */
        public String wireName() {
            StringBuilder name = new StringBuilder();
            for (String word : name().toLowerCase(Locale.ROOT).split("_")) {
                name.append(name.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
            }
            return name.toString();
        }
    }

    public boolean urgent() {
        return verdict == Verdict.ALERT;
    }

    /** In a sentence. */
    public String message() {
        return switch (kind) {
            case LAG -> subject + " is " + detail + " behind " + database;
            case AWAY -> subject + " does not fetch the log of " + database + "; it is " + detail + " behind";
            case BEHIND -> database + " is " + detail + " behind its primary";
            case LOST_SLOT -> "slot " + subject + " of " + database + " has lost log that its replica still needs";
            case SLOT_IN_DANGER ->
                "slot " + subject + " of " + database + " is about to lose log that its replica needs: " + detail
                        + " kept";
            case SLOT_WITHOUT_LIMIT ->
                "nobody reads slot " + subject + " of " + database + ", which keeps " + detail + " and has no limit";
            case DISK_FILLING -> "slots will have filled the disk of " + database + " in " + detail;
            case NO_RECEIVER -> database + " is a standby, and nobody sends it any log";
            case PAUSED_REPLAY -> "somebody has paused replay on " + database + "; it is " + detail + " behind";
        };
    }

    /** What to do about it, as typed into a terminal. */
    public String command() {
        return switch (kind) {
            case LAG, AWAY, BEHIND, NO_RECEIVER, PAUSED_REPLAY -> "watchkeeper run lag-remedy --dry-run";
            case LOST_SLOT -> "watchkeeper run standby-provision --dry-run";
            case SLOT_IN_DANGER, SLOT_WITHOUT_LIMIT, DISK_FILLING -> "watchkeeper run slot-leak --dry-run";
        };
    }

    /** What to do, in a sentence. */
    public String hint() {
        return switch (kind) {
            case LAG, AWAY, BEHIND -> command() + " says what holds it up and what it would do.";
            case NO_RECEIVER ->
                "look at primary_conninfo and the standby's log; " + command() + " says what is in the way.";
            case PAUSED_REPLAY -> "SELECT pg_wal_replay_resume(); on it, when whoever paused it agrees.";
            case LOST_SLOT -> "the replica has to be made anew: " + command() + " says how.";
            case SLOT_IN_DANGER, DISK_FILLING -> command() + " says which slots could go.";
            case SLOT_WITHOUT_LIMIT ->
                "set max_slot_wal_keep_size, or drop it: " + command() + " says which slots could go.";
        };
    }
}
