package io.watchkeeper.cli;

import io.watchkeeper.DumpRestoreRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of a restore that brings a dump into a database. */
final class DumpRestoreOptions {

    @Option(
            names = "--into",
            paramLabel = "DB",
            description = "restore a dump into this database: one of the configuration, or any name on the same server;"
                    + " made when it is missing")
    private @Nullable String into;

    @Option(
            names = "--dump",
            paramLabel = "ID",
            description = "with --into, which dump; the newest that is not damaged where left out")
    private @Nullable String dump;

    @Option(
            names = "--table",
            arity = "1..*",
            paramLabel = "T",
            description = "with --into, a table of the dump, or a pattern as 'public.*'; everything where left out")
    private List<String> tables = new ArrayList<>();

    @Option(
            names = "--schema",
            arity = "1..*",
            paramLabel = "S",
            description = "with --into, a schema of the dump, or a pattern")
    private List<String> schemas = new ArrayList<>();

    @Option(
            names = "--clean",
            description =
                    "with --into, drop tables that are there, with their rows, and make them as the dump has them")
    private boolean clean;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            description = "with --into, tables at once, into a database that is made; default ${DEFAULT-VALUE}")
    private int jobs = 1;

    @Option(names = "--data-only", description = "with --into, rows only, into tables that are there")
    private boolean dataOnly;

    @Option(names = "--schema-only", description = "with --into, no rows")
    private boolean schemaOnly;

    @Option(names = "--damaged", description = "with --into, restore a dump that is known to be damaged")
    private boolean damaged;

    boolean isAsked() {
        return into != null;
    }

    /** @param database whose dump; only where one is meant */
    DumpRestoreRequest request(String database, Duration timeout) {
        if (into == null) {
            throw new UsageException("--into is missing", "name the database to restore into.");
        }
        return new DumpRestoreRequest(
                database, into, dump, tables, schemas, clean, jobs, dataOnly, schemaOnly, damaged, timeout);
    }
}
