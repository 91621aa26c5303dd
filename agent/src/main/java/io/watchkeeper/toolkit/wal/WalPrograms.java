package io.watchkeeper.toolkit.wal;

import io.watchkeeper.postgres.ShippedProgram;
import java.nio.file.Path;

/** The shell programs that come with Watchkeeper, by which a server reaches an archive without the agent. */
public final class WalPrograms {

    private WalPrograms() {}

    /** PostgreSQL's archive_command: {@code archive-wal [OPTION]… ARCHIVE_DIR %p %f}. */
    public static Path archiveWal() {
        return ShippedProgram.find("archive-wal");
    }

    /** PostgreSQL's restore_command: {@code fetch-wal [--identity FILE] ARCHIVE_DIR %f %p}. */
    public static Path fetchWal() {
        return ShippedProgram.find("fetch-wal");
    }
}
