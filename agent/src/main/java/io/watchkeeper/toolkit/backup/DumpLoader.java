package io.watchkeeper.toolkit.backup;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Brings a dump into a database by pg_restore or psql. */
final class DumpLoader {

    private final BackupSettings settings;
    private final Work work;

    /**
     * How it is done.
     *
     * @param jobs tables at once; 1 where it is one transaction
     * @param oneTransaction all of it or nothing
     * @param clean whether what is restored takes the place of what is there
     * @param dataOnly rows only
     * @param schemaOnly no rows
     * @param owners whether owners and grants are restored
     * @param entries of the archive; null for all
     * @param before statements that are run first, in the same transaction; only with {@code dataOnly}
     */
    record How(
            int jobs,
            boolean oneTransaction,
            boolean clean,
            boolean dataOnly,
            boolean schemaOnly,
            boolean owners,
            @Nullable TocSelection entries,
            @Nullable String before) {

        /** Everything there is, into an empty database. */
        static How whole(int jobs) {
            return new How(jobs, false, false, false, false, true, null, null);
        }

        How withEntries(TocSelection chosen) {
            return new How(jobs, oneTransaction, clean, dataOnly, schemaOnly, owners, chosen, before);
        }

        How withoutOwners() {
            return new How(jobs, oneTransaction, clean, dataOnly, schemaOnly, false, entries, before);
        }
    }

    DumpLoader(BackupSettings settings, Work work) {
        this.settings = settings;
        this.work = work;
    }

    /**
     * An archive's table of contents.
     *
     * @throws OperatorException when it cannot be read
     */
    DumpToc toc(Backup dump, DumpInput input) {
        PgCommand reader = PgCommand.of(tool(dump, 0, "pg_restore"), "--list", "--verbose");
        List<String> lines = new ArrayList<>();
        run(input.readBy(reader), DumpProgress.NONE, lines, work);
        return DumpToc.parse(lines);
    }

    /**
     * Loads.
     *
     * @param server where, with its database replaced by the one that is loaded into
     * @param serverMajor its version
     * @throws OperatorException when a statement fails; what is there then depends on {@link How#oneTransaction}
     */
    void load(Backup dump, DumpInput input, DatabaseSettings server, int serverMajor, How how, DumpProgress progress) {
        Path list = null;
        try {
            list = how.entries() == null ? null : listFile(how.entries());
            run(programs(dump, input, server, serverMajor, how, list), progress, new ArrayList<>(), work);
        } finally {
            delete(list);
        }
    }

    private List<PgCommand> programs(
            Backup dump, DumpInput input, DatabaseSettings server, int serverMajor, How how, @Nullable Path list) {
        if (!input.format().isArchive()) {
            return input.readBy(psql(dump, server, serverMajor, how, false));
        }
        PgCommand restore = PgCommand.of(tool(dump, serverMajor, "pg_restore"), "--verbose", "--exit-on-error");
        if (list != null) {
            restore.arguments("--use-list=" + list);
        }
        if (!how.owners()) {
            restore.arguments("--no-owner", "--no-privileges");
        }
        // Two subscribers of one slot take changes away from each other.
        restore.arguments("--no-subscriptions");
        if (how.dataOnly()) {
            // As a script, so that what makes room for the rows is of the same transaction.
            List<PgCommand> programs = new ArrayList<>(input.readBy(restore.arguments("--data-only", "--file=-")));
            programs.add(psql(dump, server, serverMajor, how, true));
            return programs;
        }
        if (how.schemaOnly()) {
            restore.arguments("--schema-only");
        }
        if (how.clean()) {
            restore.arguments("--clean", "--if-exists");
        }
        if (how.oneTransaction()) {
            restore.arguments("--single-transaction");
        } else if (how.jobs() > 1) {
            restore.arguments("--jobs=" + how.jobs());
        }
        return input.readBy(connected(restore.arguments("--no-password"), server));
    }

    private PgCommand psql(Backup dump, DatabaseSettings server, int serverMajor, How how, boolean pipe) {
        PgCommand psql = PgCommand.of(
                tool(dump, serverMajor, "psql"), "--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1");
        if (how.oneTransaction()) {
            psql.arguments("--single-transaction");
        }
        if (how.before() != null) {
            psql.arguments("--command=" + how.before());
        }
        if (pipe) {
            psql.pipeInput();
        }
        return connected(psql.arguments("--file=-"), server);
    }

    private PgCommand connected(PgCommand command, DatabaseSettings server) {
        return command.arguments("--dbname=" + PgCommand.linkOptions()).connect(server, work.applicationName());
    }

    /** A program that understands both the dump and the server. */
    private Path tool(Backup dump, int serverMajor, String program) {
        String made = dump.manifest().tools().getOrDefault("pg_dump", "0");
        int maker = Integer.parseInt(made.split("[^0-9]", 2)[0]);
        return PgBinaries.forClient(settings.bin(), Math.max(maker, serverMajor), program);
    }

    /** Runs a pipeline to its end, and keeps what the last of it wrote. */
    static void run(List<PgCommand> programs, DumpProgress progress, List<String> output, Work work) {
        try (Pipeline pipeline = Pipeline.of(programs, work, progress::said);
                InputStream said = pipeline.output()) {
            output.addAll(new String(said.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList());
            pipeline.requireSuccess();
        } catch (IOException e) {
            work.throwIfCancelled();
            throw new OperatorException("the output of " + programs.get(0).name() + " broke off", null, e);
        }
    }

    private Path listFile(TocSelection entries) {
        try {
            Path folder = Files.createDirectories(settings.state().resolve("scratch"));
            Path file = Files.createTempFile(folder, "entries-", ".list");
            try (OutputStream out = Files.newOutputStream(file)) {
                out.write(entries.list().getBytes(StandardCharsets.UTF_8));
            }
            return file;
        } catch (IOException e) {
            throw new OperatorException(
                    "the list of what is to be restored cannot be written: " + e.getMessage(),
                    "make room in " + settings.state() + ".",
                    e);
        }
    }

    private static void delete(@Nullable Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new OperatorException(file + " cannot be removed: " + e.getMessage(), null, e);
        }
    }
}
