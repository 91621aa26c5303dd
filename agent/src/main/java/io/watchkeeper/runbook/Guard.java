package io.watchkeeper.runbook;

import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Ratio;

/** A condition that must hold before a run starts; otherwise the run is skipped and says why. */
public sealed interface Guard {

    /** No standby of the database's server is further behind than this. */
    record MaxReplicationLag(String database, Bytes lag) implements Guard {}

    /** The file system that holds the path has at least this share free. */
    record MinFreeDisk(String path, Ratio free) implements Guard {}
}
