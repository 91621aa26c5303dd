package io.watchkeeper.protection;

import java.util.Locale;

/**
 * Something about the backups that somebody should look at.
 *
 * @param urgent whether data is at risk already
 * @param database as configured; empty when it is about the whole repository
 * @param detail figures and names, in words; may be empty
 */
public record Concern(Kind kind, boolean urgent, String database, String detail) {

    /** What it is. */
    public enum Kind {
        NO_BACKUP,
        OLD_BACKUP,
        OLD_BASE,
        DAMAGED_BACKUP,
        BROKEN_ARCHIVE,
        STALE_ARCHIVE,
        QUIET_ARCHIVE,
        FAILED_DRILL,
        OLD_DRILL,
        NO_DRILL;

        /** As documents spell it, for example {@code noBackup}. */
        public String wireName() {
            String[] words = name().toLowerCase(Locale.ROOT).split("_", 2);
            return words[0] + Character.toUpperCase(words[1].charAt(0)) + words[1].substring(1);
        }
    }

    /** In a sentence. */
    public String message() {
        return switch (kind) {
            case NO_BACKUP ->
                database.isEmpty()
                        ? "the repository " + detail + " has no backup yet"
                        : "there is no good backup of " + database;
            case OLD_BACKUP -> "the newest good backup of " + database + " is " + detail + " old";
            case OLD_BASE ->
                "the newest good base backup of " + database + " is " + detail + " old; only dumps are younger";
            case DAMAGED_BACKUP -> "backups of " + database + " are damaged: " + detail;
            case BROKEN_ARCHIVE -> "the WAL archive of " + database + " has a problem: " + detail;
            case STALE_ARCHIVE ->
                "the WAL archive of " + database + " ends " + detail + " ago: nothing later can be recovered";
            case QUIET_ARCHIVE ->
                "the WAL archive of " + database + " last got something " + detail
                        + " ago; whether its server has written since is not known here";
            case FAILED_DRILL -> "the newest restore drill of " + database + " failed: " + detail;
            case OLD_DRILL -> "the last good restore drill of " + database + " was " + detail + " ago (limit 8 d)";
            case NO_DRILL -> "no backup of " + database + " was ever proven to restore";
        };
    }

    /** What to do about it, as typed into a terminal. */
    public String command() {
        String name = database.isEmpty() ? "DATABASE" : database;
        return switch (kind) {
            case NO_BACKUP, OLD_BACKUP, OLD_BASE, DAMAGED_BACKUP, BROKEN_ARCHIVE ->
                "watchkeeper backup base --database " + name;
            case STALE_ARCHIVE, QUIET_ARCHIVE -> "watchkeeper trigger wal-archive";
            case FAILED_DRILL, OLD_DRILL, NO_DRILL -> "watchkeeper drill --database " + name;
        };
    }

    /** What to do, in a sentence. */
    public String hint() {
        return switch (kind) {
            case NO_BACKUP, OLD_BACKUP, OLD_BASE ->
                command() + " makes one now; the word baseBackup in a runbook schedules it.";
            case DAMAGED_BACKUP -> command() + " makes a new one now; watchkeeper backup list says what is wrong.";
            case BROKEN_ARCHIVE -> command() + " makes a new beginning where log is missing for good.";
            case STALE_ARCHIVE ->
                command() + " receives again, and says what is in the way; docs/wal-archive.md has the rest.";
            case QUIET_ARCHIVE ->
                "a server that writes nothing archives nothing; where it does write, " + command()
                        + " finds what is in the way. An archive_command set by hand only the server's own log tells of.";
            case FAILED_DRILL, OLD_DRILL, NO_DRILL ->
                command() + " restores the newest backup in a sandbox and checks it.";
        };
    }
}
