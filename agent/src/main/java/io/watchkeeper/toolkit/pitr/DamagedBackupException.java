package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.problem.OperatorException;
import org.jspecify.annotations.Nullable;

/** A file of a backup is not what was written. */
final class DamagedBackupException extends OperatorException {

    private static final long serialVersionUID = 1L;

    private final String backup;
    private final String damage;

    /** @param file relative to the backup @param why what is wrong with it */
    DamagedBackupException(String backup, String file, String why, @Nullable Throwable cause) {
        super(
                "file " + file + " of backup " + backup + " is damaged: " + why,
                "choose another backup (watchkeeper backup list), and look for what is wrong with the disk.",
                cause);
        this.backup = backup;
        this.damage = file + ": " + why;
    }

    String backup() {
        return backup;
    }

    /** Which file, and what is wrong with it. */
    String damage() {
        return damage;
    }
}
