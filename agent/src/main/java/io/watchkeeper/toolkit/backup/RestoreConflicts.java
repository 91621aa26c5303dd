package io.watchkeeper.toolkit.backup;

import io.watchkeeper.problem.OperatorException;
import java.util.List;

/** What keeps a dump from being restored: what is there already, and what is not there yet. */
final class RestoreConflicts {

    private RestoreConflicts() {}

    /** @throws OperatorException when something is there that would be replaced and nobody said so, or cannot be */
    static void require(
            DumpRestorePlan plan, Backup dump, DumpFormat format, RestoreTarget target, List<DumpedRelation> chosen) {
        if (plan.selection().dataOnly()) {
            requireTables(plan, target, chosen);
            return;
        }
        List<DumpedRelation> there = chosen.stream().filter(target::has).toList();
        if (there.isEmpty()) {
            return;
        }
        String names = DumpContents.someNames(there);
        if (!format.isArchive()) {
            throw new OperatorException(
                    "database " + target.text() + " has " + names + " already, and dump " + dump.id()
                            + " is plain SQL, which drops nothing",
                    "restore into a new database.");
        }
        if (!plan.clean()) {
            throw new OperatorException(
                    "database " + target.text() + " has " + names + " already",
                    "restore into a new database, or say 'clean true' (--clean) to replace them by those of the dump.");
        }
    }

    private static void requireTables(DumpRestorePlan plan, RestoreTarget target, List<DumpedRelation> chosen) {
        List<DumpedRelation> missing = chosen.stream()
                .filter(relation -> relation.rows() && !target.has(relation))
                .toList();
        if (!missing.isEmpty()) {
            throw new OperatorException(
                    "database " + target.text() + " has no table " + DumpContents.someNames(missing)
                            + " for the rows of the dump",
                    "leave 'dataOnly' out, and the tables are made too.");
        }
        List<DumpedRelation> rows = chosen.stream().filter(DumpedRelation::rows).toList();
        if (!plan.clean() && !rows.isEmpty()) {
            throw new OperatorException(
                    "rows would be added to " + DumpContents.someNames(rows) + " of database " + target.text(),
                    "say 'clean true' (--clean) to replace the rows that are there, also where there are none.");
        }
    }

    /** A failed restore, with what to do where that is known. */
    static OperatorException explained(OperatorException failure, Backup dump, BackupSettings settings) {
        String message = String.valueOf(failure.getMessage());
        if (message.matches("(?s).*role \".*\" does not exist.*")) {
            return new OperatorException(
                    message,
                    "the dump's roles are in " + dump.folder().resolve(DumpFiles.GLOBALS)
                            + ": make the missing ones, or run it by psql as a superuser.",
                    failure);
        }
        if (message.contains("other objects depend on it") || message.contains("because other objects depend")) {
            return new OperatorException(
                    message,
                    "restore what depends on it in the same go, or drop it first, or restore into a new database.",
                    failure);
        }
        if (message.contains("already exists")) {
            return new OperatorException(
                    message,
                    "something else of that name is there; restore into a new database, or say 'clean true'.",
                    failure);
        }
        return failure;
    }
}
