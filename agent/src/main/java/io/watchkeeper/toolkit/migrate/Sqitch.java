package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The program Sqitch, working on one database. It is told where that is, and with which password, by its environment; it reads no
 * configuration of its own, so that it does what was judged and nothing else.
 */
final class Sqitch {

    private static final String PROGRAM = "sqitch";
    private static final String PACKAGES = "sqitch libdbd-pg-perl";
    private static final String NO_FILE = "/nonexistent/sqitch.conf";

    /** Of the sessions of verify scripts. */
    private static final String READ_ONLY = " -c default_transaction_read_only=on";

    /** The states are said whatever language the server speaks, because psql is asked to. */
    private static final Pattern ERROR = Pattern.compile("(?m)^psql:(\\S+?):(\\d+): \\S+:\\s+([0-9A-Z]{5}): (.*)$");

    private final ProjectCopy project;
    private final Database database;
    private final @Nullable Path bin;
    private final Duration lockTimeout;

    /** @param bin where PostgreSQL's programs are looked for first */
    Sqitch(ProjectCopy project, Database database, @Nullable Path bin, Duration lockTimeout) {
        this.project = project;
        this.database = database;
        this.bin = bin;
        this.lockTimeout = lockTimeout;
    }

    /** @throws OperatorException when Sqitch is not on this host */
    static Path program() {
        return PgBinaries.onPath(PROGRAM, PACKAGES);
    }

    /**
     * What Sqitch came back with.
     *
     * @param sqlState of the statement that failed; empty when none did
     * @param message in words; empty when all went well
     */
    record Outcome(boolean succeeded, String sqlState, String message) {

        /** A lock was not to be had in time, or two waited for each other: nothing was done, and another attempt may get through. */
        boolean isInTheWay() {
            return sqlState.equals("55P03") || sqlState.equals("40P01");
        }
    }

    /**
     * Applies a change and registers it. Nothing verifies it: Sqitch would do that before it registers the change, and one that cannot be
     * taken back, or whose verification is interrupted, would stay without anybody knowing.
     */
    Outcome deploy(Work work, String reference) throws SQLException {
        return run(
                work,
                "deploy",
                "--to-change",
                reference,
                "--mode",
                "change",
                "--no-verify",
                "--set",
                "VERBOSITY=verbose");
    }

    /** @param reference of the last change that stays; null to take back all */
    Outcome revert(Work work, @Nullable String reference) throws SQLException {
        return reference == null
                ? run(work, "revert", "-y", "--set", "VERBOSITY=verbose")
                : run(work, "revert", "-y", "--to-change", reference, "--set", "VERBOSITY=verbose");
    }

    /** Registers a change that is there already, and all before it. */
    Outcome logDeployed(Work work, String reference) throws SQLException {
        return run(work, "deploy", "--to-change", reference, "--mode", "change", "--no-verify", "--log-only");
    }

    /** Strikes out what is gone already. @param reference of the last change that stays; null when none does */
    Outcome logReverted(Work work, @Nullable String reference) throws SQLException {
        return reference == null
                ? run(work, "revert", "-y", "--log-only")
                : run(work, "revert", "-y", "--to-change", reference, "--log-only");
    }

    /** Runs the verify scripts of all changes that are there. They can only read. */
    Outcome verify(Work work) throws SQLException {
        return runWith(work, READ_ONLY, "verify", "--set", "VERBOSITY=verbose");
    }

    /** Runs the verify script of one change that is there. It can only read. */
    Outcome verify(Work work, String reference) throws SQLException {
        return runWith(
                work,
                READ_ONLY,
                "verify",
                "--from-change",
                reference,
                "--to-change",
                reference,
                "--set",
                "VERBOSITY=verbose");
    }

    private Outcome run(Work work, String verb, String... options) throws SQLException {
        return runWith(work, "", verb, options);
    }

    private Outcome runWith(Work work, String settings, String verb, String... options) throws SQLException {
        int version = version(work);
        Path psql = PgBinaries.forScripts(bin, version);
        PgCommand command = PgCommand.of(program(), verb, "--target", "db:pg:")
                .arguments("--db-client", project.client(psql).toString())
                .arguments(options)
                .inFolder(project.folder())
                .endWithChildren()
                .connect(database.settings(), work.applicationName())
                .environment("SQITCH_CONFIG", NO_FILE)
                .environment("SQITCH_USER_CONFIG", NO_FILE)
                .environment("SQITCH_SYSTEM_CONFIG", NO_FILE)
                .environment("SQITCH_FULLNAME", "Watchkeeper")
                .environment("SQITCH_EMAIL", "watchkeeper@localhost")
                .environment("PGCLIENTENCODING", "UTF8")
                .environment("PGOPTIONS", settings(version) + settings);
        PgCommand.Result result = command.attempt(work, line -> {});
        if (result.exit() == 0) {
            return new Outcome(true, "", "");
        }
        Matcher error = ERROR.matcher(result.errors());
        return error.find()
                ? new Outcome(
                        false,
                        error.group(3),
                        error.group(1) + ":" + error.group(2) + ": " + error.group(4) + " (" + error.group(3) + ")")
                : new Outcome(false, "", said(result));
    }

    /**
     * Sqitch keeps a transaction of its own open, and idle, for as long as psql works on a change: a limit on that, or on transactions,
     * would leave a long change applied and not registered. The server notices by itself that the client is gone, and gives the locks
     * back.
     */
    private String settings(int version) {
        return String.format(Locale.ROOT, "-c lock_timeout=%d", lockTimeout.toMillis())
                // Whatever the database or the role is set to, strings end where the judge saw them end.
                + " -c standard_conforming_strings=on"
                + " -c idle_in_transaction_session_timeout=0 -c client_connection_check_interval=5000"
                + " -c tcp_keepalives_idle=60 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=6"
                + (version >= 17 ? " -c transaction_timeout=0" : "");
    }

    /** The server's. */
    private int version(Work work) throws SQLException {
        try (Session session = database.open(work)) {
            return session.one("select current_setting('server_version_num')::int / 10000", row -> row.getInt(1));
        }
    }

    private static String said(PgCommand.Result result) {
        List<String> lines = Stream.concat(
                        result.output().lines(), result.errors().lines())
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.contains("unexpectedly returned exit value"))
                .toList();
        return lines.stream().skip(Math.max(0, lines.size() - 4)).collect(Collectors.joining("; "));
    }
}
