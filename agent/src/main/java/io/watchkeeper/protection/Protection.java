package io.watchkeeper.protection;

import java.util.List;

/**
 * Everything this host knows of backups.
 *
 * @param backups of all databases, oldest first
 * @param archives one for each database that has one
 * @param drills of all databases, oldest first
 */
public record Protection(List<BackupState> backups, List<WalState> archives, List<DrillState> drills) {

    /** Where no repository is configured. */
    public static final Protection NONE = new Protection(List.of(), List.of(), List.of());

    public Protection {
        backups = List.copyOf(backups);
        archives = List.copyOf(archives);
        drills = List.copyOf(drills);
    }
}
