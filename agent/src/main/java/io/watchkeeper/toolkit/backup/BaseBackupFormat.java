package io.watchkeeper.toolkit.backup;

import java.util.Locale;

/** How a base backup lies in the repository. */
public enum BaseBackupFormat {
    /** A data directory, file by file. */
    PLAIN,
    /** A tar file for the data directory and one for each tablespace, compressed or not. */
    TAR;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
