package io.watchkeeper.toolkit.backup;

import java.util.Locale;

/** Which end compresses a base backup. */
public enum CompressAt {
    /** This host: the server's processor is spared, and the link carries everything. */
    CLIENT,
    /** The database server, from PostgreSQL 15 on: the link carries what is compressed. */
    SERVER;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
