package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.Compression;
import io.watchkeeper.toolkit.backup.DumpFormat;
import io.watchkeeper.toolkit.backup.DumpPlan;
import io.watchkeeper.toolkit.backup.DumpSelection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code dump('shore') { … }} */
@Block(
        name = "dump",
        value = "What of a database is dumped, and how.",
        words = {
            "format",
            "jobs",
            "tables",
            "schemas",
            "exclude",
            "schemaOnly",
            "dataOnly",
            "globals",
            "compress",
            "testRestore",
            "testOn",
            "lockTimeout"
        })
public final class DumpSpec {

    private final TextChecks texts;
    private final List<String> tables = new ArrayList<>();
    private final List<String> schemas = new ArrayList<>();
    private final List<String> exclude = new ArrayList<>();
    private DumpFormat format = DumpPlan.DEFAULT.format();
    private int jobs = 1;
    private boolean schemaOnly;
    private boolean dataOnly;
    private boolean globals = true;
    private @Nullable Compression compression;
    private boolean testRestore;
    private @Nullable String testOn;
    private Duration lockTimeout = DumpPlan.DEFAULT.lockTimeout();

    DumpSpec(TextChecks texts) {
        this.texts = texts;
    }

    @Word(value = "How pg_dump writes it.", example = "format directory", byDefault = "custom")
    public void format(DumpFormat chosen) {
        format = chosen;
    }

    @Word(
            value = "How many tables are dumped at once, with `format directory`. Each takes a connection of its own.",
            example = "jobs 4",
            byDefault = "1")
    public void jobs(int several) {
        jobs = several;
    }

    @Word(
            value =
                    "Tables, views and sequences, or patterns of them; partitions go with their table. Types and functions they"
                            + " use are not in the dump then. May be given several times.",
            example = "tables 'public.orders', 'public.order_*'",
            byDefault = "the whole database")
    public void tables(@Checked(TextKind.TABLE_PATTERN) String... patterns) {
        for (String pattern : patterns) {
            tables.add(texts.require(TextKind.TABLE_PATTERN, pattern));
        }
    }

    @Word(
            value = "Schemas with all that is in them, or patterns. May be given several times.",
            example = "schemas 'public', 'app_*'",
            byDefault = "the whole database")
    public void schemas(@Checked(TextKind.NAME) String... patterns) {
        for (String pattern : patterns) {
            schemas.add(texts.require(TextKind.NAME, pattern));
        }
    }

    @Word(
            value = "Tables that are left out after all, with their partitions. May be given several times.",
            example = "exclude 'public.audit_*', 'public.scratch'",
            byDefault = "none")
    public void exclude(@Checked(TextKind.TABLE_PATTERN) String... patterns) {
        for (String pattern : patterns) {
            exclude.add(texts.require(TextKind.TABLE_PATTERN, pattern));
        }
    }

    @Word(value = "Tables and all else, but no rows.", example = "schemaOnly true", byDefault = "false")
    public void schemaOnly(boolean yes) {
        schemaOnly = yes;
    }

    @Word(value = "Rows only.", example = "dataOnly true", byDefault = "false")
    public void dataOnly(boolean yes) {
        dataOnly = yes;
    }

    @Word(
            value = "Whether roles, memberships and tablespaces go with it, as a file of their own.",
            example = "globals false",
            byDefault = "true")
    public void globals(boolean yes) {
        globals = yes;
    }

    @Word(
            value =
                    "How it is compressed: `custom` and `directory` by pg_dump itself, `plain` and `tar` by a program behind it.",
            example = "compress zstd",
            byDefault = "gzip for custom and directory, none for plain and tar")
    public void compress(Compression how) {
        compression = how;
    }

    @Word(
            value =
                    "Restores the dump into a scratch database, compares every table with what was dumped, and drops it. A"
                            + " difference marks the dump as damaged and fails the step.",
            example = "testRestore true",
            byDefault = "false")
    public void testRestore(boolean yes) {
        testRestore = yes;
    }

    @Word(
            value = "The database on whose server `testRestore` makes its scratch database.",
            example = "testOn 'ship'",
            byDefault = "the one that is dumped")
    public void testOn(@Checked(TextKind.DATABASE) String database) {
        testOn = texts.require(TextKind.DATABASE, database);
        testRestore = true;
    }

    @Word(
            value = "How long the dump waits for a table that somebody else has locked.",
            example = "lockTimeout 1.minute",
            byDefault = "30.seconds")
    public void lockTimeout(Duration time) {
        if (time.isNegative() || time.isZero()) {
            throw new OperatorException("'lockTimeout' is " + time, "give a time, as 30.seconds.");
        }
        lockTimeout = time;
    }

    @Choice(of = "format", value = "SQL for psql, restored as a whole.")
    public DumpFormat getPlain() {
        return DumpFormat.PLAIN;
    }

    @Choice(of = "format", value = "One file from which tables can be chosen.")
    public DumpFormat getCustom() {
        return DumpFormat.CUSTOM;
    }

    @Choice(of = "format", value = "A file for each table, by several jobs at once.")
    public DumpFormat getDirectory() {
        return DumpFormat.DIRECTORY;
    }

    @Choice(of = "format", value = "As `directory`, in one tar file.")
    public DumpFormat getTar() {
        return DumpFormat.TAR;
    }

    @Choice(of = "compress", value = "Not at all.")
    public Compression getNone() {
        return Compression.NONE;
    }

    @Choice(of = "compress", value = "What every host can read.")
    public Compression getGzip() {
        return Compression.GZIP;
    }

    @Choice(of = "compress", value = "Smaller and faster; with `custom` and `directory` from pg_dump 16 on.")
    public Compression getZstd() {
        return Compression.ZSTD;
    }

    @Choice(of = "compress", value = "Fastest; with `custom` and `directory` from pg_dump 16 on.")
    public Compression getLz4() {
        return Compression.LZ4;
    }

    @Nullable
    String testOn() {
        return testOn;
    }

    DumpPlan plan() {
        return new DumpPlan(
                format,
                jobs,
                new DumpSelection(tables, schemas, exclude, schemaOnly, dataOnly),
                globals,
                compression,
                testRestore,
                testOn,
                lockTimeout);
    }
}
