package io.watchkeeper.postgres;

import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Says why a program failed, in its own words, and what to do. */
final class CommandFailure {

    private static final int SHOWN_LINES = 3;
    private static final Pattern PREFIX =
            Pattern.compile("^[a-z_0-9]+: (?:error: |fatal: |warning: )?", Pattern.CASE_INSENSITIVE);

    private static final Pattern ERROR = Pattern.compile("\\b(?:error|fatal|panic):", Pattern.CASE_INSENSITIVE);

    /** Failures that another attempt may not meet. */
    private static final Pattern PASSING = Pattern.compile("Connection refused|Connection timed out|Connection reset"
            + "|timeout expired|No route to host|server closed the connection|could not receive data|terminating connection"
            + "|the database system is|conflict with recovery");

    private record Known(Pattern words, String hint) {}

    /** What an agent that may not become another user is told. */
    static final String LET_IT_ACT_AS_THE_OWNER =
            "run it as root, or see 'Data directories of another user' in docs/operations.md.";

    private static final List<Known> KNOWN = List.of(
            known(
                    "password authentication failed|no password supplied",
                    "check the database's user and passwordFile in the configuration."),
            known(
                    "no pg_hba.conf entry for replication|pg_hba.conf rejects replication",
                    "add to pg_hba.conf on the server: host replication USER ADDRESS scram-sha-256; then SELECT pg_reload_conf()."),
            known(
                    "no pg_hba.conf entry|pg_hba.conf rejects",
                    "pg_hba.conf on the server decides who may log in from where."),
            known(
                    "must be superuser or replication role|permission denied to start WAL sender|permission denied to use replication",
                    "as a superuser there: ALTER ROLE name REPLICATION."),
            known(
                    "requested standby connections exceeds max_wal_senders|number of requested standby connections",
                    "raise max_wal_senders on the server (it needs a restart), or end a base backup or receiver that is left over."),
            known(
                    "all replication slots are in use",
                    "raise max_replication_slots on the server (it needs a restart), or drop one that nobody uses."),
            known(
                    "remaining connection slots|too many clients",
                    "raise max_connections on the server, or end sessions that nobody needs."),
            known(
                    "server version mismatch|incompatible server version|aborting because of server version",
                    "install PostgreSQL's client programs of the server's version, and set postgres.bin to their folder."),
            known(
                    "the standby was promoted during online backup",
                    "make another backup, of the new primary or of a standby of it."),
            known(
                    "WAL summaries are required|WAL summarization is not progressing|timed out waiting for WAL summaries",
                    "make a whole backup; pg_stat_activity shows whether the server's walsummarizer runs."),
            known(
                    "conflict with recovery",
                    "raise max_standby_streaming_delay on the standby, or set hot_standby_feedback = on there."),
            known("No space left on device|Disk quota exceeded", "make room on that file system."),
            known(
                    "could not translate host name|Connection refused|Connection timed out|timeout expired|No route to host|server closed the connection",
                    "check that the server runs, that the configured address names it, and that the link lets this host through."),
            known("sudo: (?!unable to resolve host)", LET_IT_ACT_AS_THE_OWNER),
            known("Permission denied", "the user '" + System.getProperty("user.name") + "' needs the rights for it."));

    private CommandFailure() {}

    static OperatorException of(String program, PgCommand.Result result) {
        String errors = result.errors().isBlank() ? result.output() : result.errors();
        String said = telling(errors.strip().lines().toList()).stream()
                .map(line -> PREFIX.matcher(line.strip()).replaceFirst("").strip())
                .filter(line -> !line.isEmpty())
                .collect(Collectors.joining("; "));
        return new OperatorException(
                program + " failed with exit status " + result.exit() + (said.isEmpty() ? "" : ": " + said),
                hint(errors),
                // What tells a retry that another attempt may help.
                PASSING.matcher(errors).find() ? new IOException("the server or the link to it went away") : null);
    }

    /** The first error and what it says about itself; without any, the last lines. */
    private static List<String> telling(List<String> lines) {
        for (int i = 0; i < lines.size(); i++) {
            if (ERROR.matcher(lines.get(i)).find()) {
                return lines.subList(i, Math.min(lines.size(), i + SHOWN_LINES));
            }
        }
        return lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size());
    }

    private static @Nullable String hint(String errors) {
        return KNOWN.stream()
                .filter(known -> known.words().matcher(errors).find())
                .map(Known::hint)
                .findFirst()
                .orElse(null);
    }

    private static Known known(String words, String hint) {
        return new Known(Pattern.compile(words), hint);
    }
}
