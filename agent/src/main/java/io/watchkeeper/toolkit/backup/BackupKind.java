package io.watchkeeper.toolkit.backup;

import java.util.Locale;

/** What a backup holds. */
public enum BackupKind {
    /** What pg_dump writes: the rows of one database, as of one moment. */
    DUMP,
    /** A whole cluster, as pg_basebackup writes it; with archived log it leads to any later moment. */
    BASE,
    /** What changed of a whole cluster since another backup, without which it is nothing. */
    INCREMENTAL;

    /** As it is written in names, documents and labels of metrics. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether log can be replayed on it. */
    public boolean isPhysical() {
        return this != DUMP;
    }
}
