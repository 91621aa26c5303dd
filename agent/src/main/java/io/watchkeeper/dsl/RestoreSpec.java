package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.DumpRestorePlan;
import io.watchkeeper.toolkit.backup.DumpSelection;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code restore('shore') { … }} */
@Block(
        name = "restore",
        value = "Which backup of a database is restored, and where to.",
        words = {"into", "dump", "tables", "schemas", "clean", "jobs", "dataOnly", "schemaOnly", "damaged"})
public final class RestoreSpec {

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

    RestoreSpec(TextChecks texts) {
        this.texts = texts;
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
        if (into == null) {
            throw new OperatorException(
                    "'restore' needs 'into'", "say where to: restore('shore') { into 'shore_yesterday' }");
        }
        return new DumpRestorePlan(
                into, dump, new DumpSelection(tables, schemas, List.of(), schemaOnly, dataOnly), clean, jobs, damaged);
    }
}
