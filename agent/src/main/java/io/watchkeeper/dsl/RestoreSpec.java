package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.DumpRestorePlan;
import io.watchkeeper.toolkit.backup.DumpSelection;
import io.watchkeeper.toolkit.pitr.DirectoryPlan;
import io.watchkeeper.toolkit.pitr.RecoveryTarget;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code restore('shore') { … }} */
@Block(
        name = "restore",
        value = "Which backup of a database is restored, and where to.",
        words = {
            "into",
            "dump",
            "tables",
            "schemas",
            "clean",
            "jobs",
            "dataOnly",
            "schemaOnly",
            "damaged",
            "to",
            "target",
            "timestamp",
            "lsn",
            "name",
            "backup",
            "overwrite",
            "owner",
            "tablespaces",
            "provider",
            "pgbackrest"
        })
public final class RestoreSpec extends ProviderSpec {

    private final TextChecks texts;
    private final List<String> tables = new ArrayList<>();
    private final List<String> schemas = new ArrayList<>();
    private @Nullable String into;
    private @Nullable String dump;
    private boolean clean;
    private int jobs = 1;
    private boolean dataOnly;
    private boolean schemaOnly;
    private boolean damaged;

    private final TargetWords targets;
    private RecoveryTarget target = RecoveryTarget.LATEST;
    private @Nullable Path to;
    private @Nullable String backup;
    private boolean overwrite;
    private @Nullable String owner;
    private @Nullable Path tablespaces;

    RestoreSpec(TextChecks texts, Clock clock) {
        this.texts = texts;
        this.targets = new TargetWords(clock);
    }

    @Word(
            value =
                    "The data directory that a base backup is restored to: new or empty. A server that is started on it recovers to"
                            + " the target; the restore says how to start it.",
            example = "to '/var/lib/postgresql/15/restored'")
    public void to(@Checked(TextKind.PATH) String directory) {
        to = Path.of(texts.require(TextKind.PATH, directory));
    }

    @Word(value = "With `to`: how far the log is replayed.", example = "target latest", byDefault = "latest")
    public void target(RecoveryTarget where) {
        target = where;
    }

    @Choice(of = "target", value = "Everything that is archived.")
    public RecoveryTarget getLatest() {
        return RecoveryTarget.LATEST;
    }

    @Word(
            value = "For target: the last commit at or before a time. A time without a zone is one of this host's.",
            example = "target timestamp('2026-11-21 14:30:00+00')")
    public RecoveryTarget timestamp(String time) {
        return targets.timestamp(time);
    }

    @Word(value = "For target: a position of the log.", example = "target lsn('0/8F3A2C10')")
    public RecoveryTarget lsn(String position) {
        return targets.lsn(position);
    }

    @Word(
            value = "For target: a restore point, which `pg_create_restore_point` makes.",
            example = "target name('before the upgrade')")
    public RecoveryTarget name(String restorePoint) {
        return targets.name(restorePoint);
    }

    @Word(
            value = "With `to`: which base backup, as the catalogue calls it.",
            example = "backup '20261121T030000.000Z-base'",
            byDefault = "the newest good one that leads to the target")
    public void backup(@Checked(TextKind.NAME) String id) {
        backup = texts.require(TextKind.NAME, id);
    }

    @Word(
            value =
                    "With `to`: whether an old or half-restored cluster in the directory goes. One whose server runs never does, nor"
                            + " anything that is no cluster.",
            example = "overwrite true",
            byDefault = "false")
    public void overwrite(boolean yes) {
        overwrite = yes;
    }

    @Word(
            value = "With `to`: the user of the server.",
            example = "owner 'postgres'",
            byDefault = "the agent's, as root postgres")
    public void owner(@Checked(TextKind.NAME) String user) {
        owner = texts.require(TextKind.NAME, user);
    }

    @Word(
            value =
                    "With `to`: where tablespaces go, each into a folder named by its number, with pgBackRest by its name.",
            example = "tablespaces '/srv/tablespaces'",
            byDefault = "a folder beside the directory")
    public void tablespaces(@Checked(TextKind.PATH) String folder) {
        tablespaces = Path.of(texts.require(TextKind.PATH, folder));
    }

    /** Of a base backup; null where a dump is meant. */
    @Nullable
    DirectoryPlan directoryPlan() {
        if (to == null) {
            return null;
        }
        if (into != null) {
            throw new OperatorException(
                    "'restore' has both 'to' and 'into'",
                    "'to' restores a base backup to a directory, 'into' a dump into a database.");
        }
        return new DirectoryPlan(to, target, backup, overwrite, owner, tablespaces);
    }

    @Word(
            value =
                    "The database that a dump is restored into: one of the configuration, or any name on the server of the"
                            + " database that was dumped. It is made when it is missing; one that is there keeps its other tables, and"
                            + " is changed in one transaction.",
            example = "into 'shore_yesterday'")
    public void into(@Checked(TextKind.NAME) String database) {
        into = texts.require(TextKind.NAME, database);
    }

    @Word(
            value = "Which dump, as the catalogue calls it.",
            example = "dump '20261121T030000.000Z-dump'",
            byDefault = "the newest that is not damaged")
    public void dump(@Checked(TextKind.NAME) String id) {
        dump = texts.require(TextKind.NAME, id);
    }

    @Word(
            value =
                    "Tables of the dump, or patterns, with their indexes, constraints, triggers, grants and sequences. May be"
                            + " given several times.",
            example = "tables 'public.orders'",
            byDefault = "everything")
    public void tables(@Checked(TextKind.TABLE_PATTERN) String... patterns) {
        for (String pattern : patterns) {
            tables.add(texts.require(TextKind.TABLE_PATTERN, pattern));
        }
    }

    @Word(
            value = "Schemas of the dump, or patterns, with the tables in them. May be given several times.",
            example = "schemas 'public'",
            byDefault = "everything")
    public void schemas(@Checked(TextKind.NAME) String... patterns) {
        for (String pattern : patterns) {
            schemas.add(texts.require(TextKind.NAME, pattern));
        }
    }

    @Word(
            value = "Whether tables that are there are dropped, with their rows, and made as the dump has them; with"
                    + " `dataOnly`, whether their rows are. Without it, nothing that is there is touched.",
            example = "clean true",
            byDefault = "false")
    public void clean(boolean yes) {
        clean = yes;
    }

    @Word(value = "How many tables at once, into a database that is made.", example = "jobs 4", byDefault = "1")
    public void jobs(int several) {
        jobs = several;
    }

    @Word(value = "Rows only, into tables that are there.", example = "dataOnly true", byDefault = "false")
    public void dataOnly(boolean yes) {
        dataOnly = yes;
    }

    @Word(value = "Tables and all else, but no rows.", example = "schemaOnly true", byDefault = "false")
    public void schemaOnly(boolean yes) {
        schemaOnly = yes;
    }

    @Word(
            value = "Whether a backup is restored that is known to be damaged.",
            example = "damaged true",
            byDefault = "false")
    public void damaged(boolean yes) {
        damaged = yes;
    }

    /** @throws OperatorException when it is not said where to */
    DumpRestorePlan dumpPlan() {
        requireNative(into != null, "into", "dumps are in the agent's own repository, and pgBackRest has none.");
        if (into == null) {
            throw new OperatorException(
                    "'restore' needs 'into' or 'to'",
                    "say where to: restore('shore') { into 'shore_yesterday' } for a dump, to '/new/directory' for a base backup.");
        }
        return new DumpRestorePlan(
                into, dump, new DumpSelection(tables, schemas, List.of(), schemaOnly, dataOnly), clean, jobs, damaged);
    }
}
