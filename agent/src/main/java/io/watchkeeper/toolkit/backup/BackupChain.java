package io.watchkeeper.toolkit.backup;

import io.watchkeeper.problem.OperatorException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything that restoring a base backup needs: itself alone when it is whole, else the whole one and each incremental one up to it.
 *
 * @param backups the whole one first, the one that is meant last: the order in which pg_combinebackup wants them
 */
public record BackupChain(List<Backup> backups) {

    public BackupChain {
        backups = List.copyOf(backups);
    }

    /**
     * The chain that ends with a backup.
     *
     * @throws OperatorException when one of its members is gone or damaged, or it is no base backup
     */
    public static BackupChain of(Catalogue catalogue, Backup last) {
        if (!last.kind().isPhysical()) {
            throw new OperatorException(
                    "backup " + last.id() + " is a " + last.kind() + " and no base backup", "name a base backup.");
        }
        Map<String, Backup> byId = new HashMap<>();
        catalogue.backups().forEach(backup -> byId.put(backup.id(), backup));
        List<Backup> chain = new ArrayList<>();
        Backup at = last;
        while (true) {
            if (!at.isGood()) {
                throw new OperatorException(
                        "backup " + at.id() + " is damaged"
                                + (at.id().equals(last.id()) ? "" : ", and " + last.id() + " is nothing without it")
                                + ": " + String.join("; ", at.status().damages()),
                        "choose another one: watchkeeper backup list --database " + catalogue.database() + ".");
            }
            chain.add(at);
            String parent = at.manifest().parent();
            if (parent == null) {
                Collections.reverse(chain);
                return new BackupChain(chain);
            }
            Backup before = byId.get(parent);
            if (before == null || chain.size() > byId.size()) {
                throw new OperatorException(
                        "backup " + at.id() + " is nothing without " + parent + ", which is gone",
                        "choose another one: watchkeeper backup list --database " + catalogue.database() + ".");
            }
            at = before;
        }
    }

    /** The one that stands by itself. */
    public Backup full() {
        return backups.get(0);
    }

    /** The one that is meant. */
    public Backup last() {
        return backups.get(backups.size() - 1);
    }
}
