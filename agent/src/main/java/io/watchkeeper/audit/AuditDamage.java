package io.watchkeeper.audit;

/**
 * What is wrong with the record.
 *
 * @param position of the first entry that is not as it was written, or that is not there
 * @param message what was found there, in words
 */
public record AuditDamage(long position, Kind kind, String message) {

    /** How it is wrong. */
    public enum Kind {
        /** An entry's content is not what was written. */
        CHANGED,
        /** Entries are not there, and later ones are. */
        MISSING,
        /** An entry follows one that it was not written after: one was put in, moved, or written anew. */
        UNLINKED,
        /** The newest entries are not there, or the whole record was written anew: an anchor says so. */
        TRUNCATED,
        /** The oldest entries are not there, one says that they expired, and what the agent knows of them says otherwise. */
        UNCONFIRMED;

        /** As it stands in documents. */
        public String wireName() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }
}
