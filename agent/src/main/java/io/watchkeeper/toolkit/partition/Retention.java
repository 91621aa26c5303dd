package io.watchkeeper.toolkit.partition;

import java.util.Locale;

/** What becomes of a partition that is old enough. */
public enum Retention {
    /** It is a table of its own from then on. */
    DETACH,
    /** It is detached, written into the repository, read back and compared, and only then dropped. */
    ARCHIVE,
    /** It is detached and dropped, and its rows are gone. */
    DROP;

    /** As it is written in runbooks. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The one of both that does less. */
    Retention gentler(Retention other) {
        return compareTo(other) <= 0 ? this : other;
    }
}
