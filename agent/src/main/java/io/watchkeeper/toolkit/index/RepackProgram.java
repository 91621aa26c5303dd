package io.watchkeeper.toolkit.index;

import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds the program pg_repack, which has to be of just the version that its extension in the database is of. */
final class RepackProgram {

    private static final String NAME = "pg_repack";

    private RepackProgram() {}

    /**
     * The program that fits the database.
     *
     * @param bin the folder of PostgreSQL's programs to look in first; null for none
     * @throws OperatorException when the extension or the program is missing, or their versions differ
     */
    static Path require(Session session, @Nullable Path bin) throws SQLException {
        String database = session.database().name();
        int major = session.one("select current_setting('server_version_num')::int / 10000", row -> row.getInt(1));
        boolean installed = session.one(
                "select exists (select from pg_extension where extname = 'pg_repack')", row -> row.getBoolean(1));
        if (!installed) {
            throw new OperatorException(
                    "'method repack' needs the extension pg_repack, which database '" + database + "' does not have",
                    "on the server: apt install postgresql-" + major
                            + "-repack, then CREATE EXTENSION pg_repack; Without it leave 'method' out: indexes are built anew by REINDEX CONCURRENTLY.");
        }
        String version = session.one("select repack.version()", row -> row.getString(1));
        Path program = find(bin, major)
                .orElseThrow(() -> new OperatorException(
                        "the program pg_repack is not on this host",
                        "apt install postgresql-" + major + "-repack, of the version of the extension in database '"
                                + database + "': " + version + "."));
        String own =
                PgCommand.of(program, "--version").run(session.work()).output().strip();
        if (!own.equals(version)) {
            throw new OperatorException(
                    "database '" + database + "' has " + version + " and this host " + own
                            + ", which do not fit together",
                    "install the same version on both, then DROP EXTENSION pg_repack; CREATE EXTENSION pg_repack;");
        }
        return program;
    }

    private static Optional<Path> find(@Nullable Path bin, int major) {
        Stream<Path> onPath = Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .filter(folder -> !folder.isEmpty())
                .map(Path::of);
        return Stream.of(Stream.ofNullable(bin), Stream.of(Path.of("/usr/lib/postgresql/" + major + "/bin")), onPath)
                .flatMap(folders -> folders)
                .map(folder -> folder.resolve(NAME))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Writes a table anew. Sessions that are in its way are waited for and never ended. */
    static PgCommand command(Path program, Session session, String table, ReindexPlan plan, Work work) {
        return PgCommand.of(
                        program,
                        "--table=" + table,
                        "--wait-timeout=" + Math.max(1, plan.waitFor().toSeconds()),
                        "--no-kill-backend",
                        "--no-superuser-check",
                        "--no-password")
                .connect(session.database().settings(), work.applicationName())
                .endWithChildren();
    }
}
