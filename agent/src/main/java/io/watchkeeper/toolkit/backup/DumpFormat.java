package io.watchkeeper.toolkit.backup;

import java.util.Locale;

/** The formats of pg_dump. */
public enum DumpFormat {
    /** SQL that psql runs; to be restored as a whole. */
    PLAIN("dump.sql"),
    /** One compressed file from which pg_restore takes what is wanted. */
    CUSTOM("dump.custom"),
    /** A file for each table, written and restored by several jobs at once. */
    DIRECTORY("dump"),
    /** As DIRECTORY, in one tar file and not compressed by pg_dump. */
    TAR("dump.tar");

    private final String file;

    DumpFormat(String file) {
        this.file = file;
    }

    /** The file or folder in the backup's folder, before compression and encryption add to its name. */
    String file() {
        return file;
    }

    /** Whether pg_restore reads it, so that parts can be restored. */
    public boolean isArchive() {
        return this != PLAIN;
    }

    /** Whether pg_dump compresses by itself; else a program does behind it. */
    boolean compressesItself() {
        return this == CUSTOM || this == DIRECTORY;
    }

    /** As it is written in runbooks and documents. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
