package io.watchkeeper.toolkit.backup;

import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.PgCommand;
import java.util.Arrays;
import java.util.Locale;

/** How files of the repository are compressed. The programs are Debian's, so that a person can read the files without the agent. */
public enum Compression {
    NONE("", "", ""),
    GZIP(".gz", "gzip", "gzip"),
    ZSTD(".zst", "zstd", "zstd"),
    LZ4(".lz4", "lz4", "lz4");

    private final String suffix;
    private final String program;
    private final String debianPackage;

    Compression(String suffix, String program, String debianPackage) {
        this.suffix = suffix;
        this.program = program;
        this.debianPackage = debianPackage;
    }

    /** What a file's name ends in; empty for {@link #NONE}. */
    public String suffix() {
        return suffix;
    }

    /** By the end of a file's name; what has none of these is not compressed. */
    public static Compression ofName(String fileName) {
        return Arrays.stream(values())
                .filter(one -> one != NONE && fileName.endsWith(one.suffix))
                .findFirst()
                .orElse(NONE);
    }

    /**
     * The program that compresses standard input to standard output; not for {@link #NONE}.
     *
     * @throws io.watchkeeper.problem.OperatorException when it is not on this host
     */
    public PgCommand compress() {
        return PgCommand.of(PgBinaries.onPath(program, debianPackage), "-c", "-q");
    }

    /** As {@link #compress}, the other way. */
    public PgCommand decompress() {
        return PgCommand.of(PgBinaries.onPath(program, debianPackage), "-d", "-c", "-q");
    }

    /** As it is written in runbooks and documents. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
