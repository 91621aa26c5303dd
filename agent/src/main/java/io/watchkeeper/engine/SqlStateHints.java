package io.watchkeeper.engine;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What to do about the failures a server reports most, for when the server itself gives no hint. */
final class SqlStateHints {

    private static final Pattern DENIED = Pattern.compile(
            "permission denied for (table|view|materialized view|sequence|schema|function|procedure|database|foreign server) (.+)");

    private SqlStateHints() {}

    /** @param dryRun whether it happened in one. @return null when there is nothing better to say than the message */
    static @Nullable String hint(String sqlState, String message, boolean dryRun) {
        return switch (sqlState) {
            case "08001", "08004", "08006", "08000", "08003" ->
                "check that the server runs and that the link and firewalls let this host through; 'retry' in the policy"
                        + " gets over short breaks.";
            case "23503", "23505", "23514", "23502" ->
                "the data breaks a rule of the table; the message names the constraint.";
            case "25006" ->
                dryRun
                        ? "a dry run may only read; nothing was changed."
                        : "the server is a standby, or the session was set to read only: write to the primary.";
            case "28P01" -> "check the user and passwordFile of this database in the configuration.";
            case "28000" ->
                "check the user of this database in the configuration, and pg_hba.conf on the server: it decides who may"
                        + " log in from where.";
            case "3D000" -> "check the name after the last / in this database's url, in the configuration.";
            case "3F000" -> "check the schema's name, or create the schema.";
            case "40001", "40P01" -> "another transaction was in the way; 'retry' in the policy tries again by itself.";
            case "42501" -> grant(message);
            case "42601" -> "check the SQL; the message names the word where the server stopped reading.";
            case "42703" -> "check the column's name; \\d shows a table's columns in psql.";
            case "42P01" -> "check the table's name and schema, and that this is the right database.";
            case "42883" ->
                "check the function's name and the types of its arguments; a cast such as ?::text may help.";
            case "53100" -> "the server's disk is full: free space there before anything else.";
            case "53200" -> "the server is out of memory: fewer workers or a lower work_mem need less.";
            case "53300" -> "raise max_connections there, or lower maxConnections of this database here.";
            case "55P03" ->
                "another session holds the lock; find it with pg_blocking_pids, or run when the table is less busy.";
            case "57014" ->
                "someone cancelled the statement, or a statement_timeout ended it; the server's log says which.";
            case "57P01", "57P02", "57P03" ->
                "the server was stopping or starting; 'retry' in the policy tries again by itself.";
            default -> null;
        };
    }

    private static String grant(String message) {
        Matcher denied = DENIED.matcher(message);
        if (!denied.find()) {
            return "give the role of this database in the configuration the right it lacks.";
        }
        String kind = denied.group(1).toUpperCase(Locale.ROOT);
        String name = denied.group(2);
        String rights = switch (kind) {
            case "SCHEMA" -> "USAGE ON SCHEMA";
            case "SEQUENCE" -> "USAGE, SELECT ON SEQUENCE";
            case "FUNCTION", "PROCEDURE" -> "EXECUTE ON " + kind;
            case "DATABASE" -> "CONNECT, CREATE, TEMPORARY ON DATABASE";
            case "FOREIGN SERVER" -> "USAGE ON FOREIGN SERVER";
            default -> "SELECT, INSERT, UPDATE, DELETE ON TABLE";
        };
        return "as the owner: GRANT " + rights + " " + name
                + " TO the role of this database in the configuration (what it needs of that).";
    }
}
