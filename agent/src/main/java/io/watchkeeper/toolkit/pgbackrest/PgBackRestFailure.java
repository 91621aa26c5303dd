package io.watchkeeper.toolkit.pgbackrest;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Says why pgBackRest failed: its own fact, and what to do about it here. Its exit status is the number of its error. */
final class PgBackRestFailure {

    private static final int CHECKSUM = 26;
    private static final int FORMAT = 29;
    private static final int OPTION_REQUIRED = 37;
    private static final int PG_RUNNING = 38;
    private static final int PATH_NOT_EMPTY = 40;
    private static final int HOST_CONNECT = 49;
    private static final int LOCK_ACQUIRE = 50;
    private static final int BACKUP_MISMATCH = 51;
    private static final int FILE_MISSING = 55;
    private static final int DB_CONNECT = 56;
    private static final int STOPPED = 62;
    private static final int ARCHIVE_COMMAND = 68;
    private static final int BACKUP_SET = 75;
    private static final int DB_MISSING = 80;
    private static final int ARCHIVE_TIMEOUT = 82;
    private static final int ARCHIVE_DISABLED = 87;
    private static final int CRYPTO = 95;

    private final Stanza stanza;
    private final StanzaConfiguration configuration;
    private final String command;

    PgBackRestFailure(Stanza stanza, StanzaConfiguration configuration, String command) {
        this.stanza = stanza;
        this.configuration = configuration;
        this.command = command;
    }

    /** @param exit the program's status @param log what it said */
    OperatorException of(int exit, CommandLog log) {
        String error = Secret.redact(log.error().orElse(""));
        List<String> warnings = log.warnings();
        String fact = CommandLog.fact(error);
        if (exit == DB_CONNECT && !warnings.isEmpty()) {
            // The error alone says 'unable to find primary cluster'; the warning before it says why.
            fact = fact + "; " + Secret.redact(warnings.get(warnings.size() - 1));
        }
        if (exit == OPTION_REQUIRED && error.contains("does this stanza exist")) {
            return unknownStanza();
        }
        if (exit == LOCK_ACQUIRE) {
            return locked(fact);
        }
        if (exit == FILE_MISSING && error.contains(".info.copy")) {
            return missingStanza(stanza, configuration);
        }
        String said = fact.isEmpty() ? "it ended with exit status " + exit + " and said nothing" : fact;
        return new OperatorException(
                "pgbackrest " + command + " of stanza '" + stanza + "' failed: " + said, hint(exit, error));
    }

    /** There is no section for it: a slip of the finger, most likely. */
    private OperatorException unknownStanza() {
        List<String> known = configuration.stanzas();
        String where =
                configuration.file() == null ? "pgBackRest's configuration" : String.valueOf(configuration.file());
        String hint = known.isEmpty()
                ? "the section [" + stanza
                        + "] with pg1-path says where its cluster is; docs/pgbackrest.md shows a complete file."
                : Suggestion.didYouMean(stanza.name(), known) + "Stanzas there: " + String.join(", ", known) + ".";
        return new OperatorException("stanza '" + stanza + "' has no pg1-path in " + where, hint);
    }

    /** Its repository has never heard of it. */
    static OperatorException missingStanza(Stanza stanza, StanzaConfiguration configuration) {
        return new OperatorException(
                "stanza '" + stanza + "' does not exist in its repository",
                asUser(stanza, configuration) + "pgbackrest " + stanza.options()
                        + " stanza-create, or walArchive with 'method command', which does that first.");
    }

    private static String asUser(Stanza stanza, StanzaConfiguration configuration) {
        return configuration.user(stanza).map(user -> "sudo -u " + user + " ").orElse("");
    }

    private OperatorException locked(String fact) {
        String holder = holder(configuration.lockFile(stanza))
                .map(pid -> "process " + pid + command(pid))
                .orElse("another process");
        return new OperatorException(
                "pgbackrest " + command + " of stanza '" + stanza + "' cannot begin: " + holder + " is at work on it"
                        + (fact.isEmpty() ? "" : " (" + fact + ")"),
                "wait for it to end: one backup or expiry of a stanza at a time.");
    }

    private static Optional<Long> holder(Path lock) {
        try {
            return Optional.of(new ObjectMapper()
                            .readTree(Files.readString(lock))
                            .path("pid")
                            .asLong())
                    .filter(pid -> pid > 0);
        } catch (IOException e) {
            // Gone since, or another user's.
            return Optional.empty();
        }
    }

    private static String command(long pid) {
        return ProcessHandle.of(pid)
                .flatMap(process -> process.info().commandLine())
                .map(line -> " (" + Secret.redact(line) + ")")
                .orElse("");
    }

    private String hint(int exit, String error) {
        return switch (exit) {
            case CHECKSUM, FORMAT ->
                "a file in the repository is damaged: verifyBackups with provider pgbackrest('" + stanza
                        + "') finds all that are; restore from another backup.";
            case PG_RUNNING -> "stop the server there, or restore into another directory.";
            case PATH_NOT_EMPTY ->
                "name an empty directory, or say 'overwrite true': then only what differs is written.";
            case HOST_CONNECT ->
                "check repo1-host or pg1-host, its name and its key or certificate, and that the link lets this host through.";
            case BACKUP_MISMATCH, DB_MISSING ->
                "the server is another one than the stanza was created for: check pg1-path; after an upgrade, "
                        + asUser(stanza, configuration) + "pgbackrest " + stanza.options() + " stanza-upgrade.";
            case DB_CONNECT ->
                "check that the server runs, and pg1-path, pg1-port, pg1-socket-path and pg1-user in the configuration.";
            case STOPPED ->
                asUser(stanza, configuration) + "pgbackrest " + stanza.options()
                        + " start, once the reason for 'stop' is gone.";
            case ARCHIVE_COMMAND ->
                "set archive_command to '" + StanzaArchive.archiveCommand(stanza)
                        + "', or let walArchive do it with 'method command'.";
            case ARCHIVE_DISABLED -> "ALTER SYSTEM SET archive_mode = 'on', and restart the server.";
            case ARCHIVE_TIMEOUT ->
                "the server does not get its segments into the repository: its log says why, and pg_stat_archiver counts; "
                        + "archive_command has to name this stanza and configuration.";
            case CRYPTO ->
                "check repo1-cipher-type and repo1-cipher-pass: they have to be those the repository was created with.";
            case BACKUP_SET -> "watchkeeper backup list shows which backups there are, and from when to when.";
            default -> rights(error);
        };
    }

    private String rights(String error) {
        if (!error.contains("Permission denied")) {
            return otherwise(error);
        }
        String user = configuration.user(stanza).orElse("postgres");
        return "the repository has to belong to '" + user
                + "'. What another user, say root, has put there is given back by: chown -R " + user
                + " and the repository's path.";
    }

    private static String otherwise(String error) {
        String hints = CommandLog.hints(error);
        return hints.isEmpty() ? "docs/pgbackrest.md; pgBackRest's own log is in its log-path." : hints;
    }
}
