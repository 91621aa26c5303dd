package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Secret;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Gives a password to a user mapping or a subscription without it being in any statement that a client sends, nor among a statement's parameters:
 * servers log both, show the first to other sessions and keep it in their statistics. It travels as rows of a COPY, which nothing
 * logs, into a table that only this session sees, and the server itself writes the statement.
 */
public final class PasswordHandover {

    private static final byte[] COPY_HEADER = {
        'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
    };

    private static final String TABLE = "pg_temp.watchkeeper_handover";

    private PasswordHandover() {}

    /** What stands for the secret in the SQL that makes the statement. */
    public static final String VALUE = "convert_from(value, 'UTF8')";

    private static final String SAY_NOTHING = "the password could not be handed over";

    /** The statements, the password's place held by what the server fills in. */
    static List<String> statements(String server) {
        return statements(
                "format('ALTER USER MAPPING FOR CURRENT_USER SERVER %I OPTIONS (ADD password %L)', "
                        + Identifiers.quoteLiteral(server) + ", " + VALUE + ")",
                false);
    }

    /**
     * What is sent to run a statement with a secret in it, without the secret.
     *
     * @param maker an SQL expression of the statement's text, with {@link #VALUE} for the secret
     * @param tellReason whether the server's reason for a failure may be passed on: only where it never holds the statement
     */
    public static List<String> statements(String maker, boolean tellReason) {
        return List.of(
                "CREATE TEMPORARY TABLE watchkeeper_handover (value bytea) ON COMMIT DROP",
                "COPY " + TABLE + " FROM STDIN (FORMAT binary)",
                // An error's context would show the statement, and be logged: it is raised again without.
                """
                DO $handover$ BEGIN
                  EXECUTE (SELECT %s FROM %s);
                EXCEPTION WHEN OTHERS OR query_canceled THEN
                  RAISE EXCEPTION USING ERRCODE = SQLSTATE, MESSAGE = %s;
                END $handover$""".formatted(
                                maker,
                                TABLE,
                                // The text of a statement that cannot be read would be in the reason.
                                tellReason
                                        ? "CASE WHEN SQLSTATE = '42601' THEN '" + SAY_NOTHING + "' ELSE SQLERRM END"
                                        : "'" + SAY_NOTHING + "'"),
                "DROP TABLE " + TABLE);
    }

    /**
     * Adds the password to the mapping of the current user, in the open transaction.
     *
     * @throws OperatorException when an extension of the server would write it down, and may not be kept from that
     */
    static void hand(Session session, String server, Secret password) throws SQLException {
        hand(session, statements(server), password);
    }

    /**
     * Runs a statement with a secret in it, in the open transaction.
     *
     * @param statements as {@link #statements(String, boolean)} makes them
     * @throws OperatorException when an extension of the server would write it down, and may not be kept from that
     */
    public static void hand(Session session, List<String> statements, Secret password) throws SQLException {
        requireSilence(session);
        session.runVerbatim(statements.get(0));
        byte[] row = row(password);
        try {
            session.call(() -> {
                CopyIn copy = session.connection()
                        .unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyIn(statements.get(1));
                copy.writeToCopy(row, 0, row.length);
                return copy.endCopy();
            });
        } finally {
            Arrays.fill(row, (byte) 0);
        }
        session.runVerbatim(statements.get(2));
        session.runVerbatim(statements.get(3));
    }

    private static byte[] row(Secret password) {
        byte[] value = password.reveal().getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.write(COPY_HEADER);
            out.writeShort(1);
            out.writeInt(value.length);
            out.write(value);
            out.writeShort(-1);
        } catch (IOException e) {
            throw new IllegalStateException("memory takes what is written", e);
        }
        return bytes.toByteArray();
    }

    /** Statements that functions run are not logged by PostgreSQL itself, but two extensions may keep them. */
    private static void requireSilence(Session session) throws SQLException {
        Map<String, @Nullable Object> settings = session.query("""
                        select coalesce(current_setting('pg_stat_statements.track', true), '') as track,
                               coalesce(current_setting('pg_stat_statements.track_utility', true), '') as utility,
                               coalesce(current_setting('pgaudit.log', true), '') as audit,
                               -- These print what a statement was parsed into; anybody may turn them off.
                               set_config('debug_print_parse', 'off', true),
                               set_config('debug_print_rewritten', 'off', true),
                               set_config('debug_print_plan', 'off', true)""").get(0);
        if (auditsDefinitions(String.valueOf(settings.get("audit")))) {
            throw refused(session, "pgaudit.log is '" + settings.get("audit") + "'", "pgaudit.log", "'read, write'");
        }
        if ("all".equals(settings.get("track")) && "on".equals(settings.get("utility"))) {
            try {
                session.query("select set_config('pg_stat_statements.track', 'top', true)");
            } catch (SQLException e) {
                if (SqlStates.INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                    throw refused(session, "pg_stat_statements.track is 'all'", "pg_stat_statements.track", "'top'");
                }
                throw e;
            }
        }
    }

    private static boolean auditsDefinitions(String classes) {
        List<String> all = Arrays.stream(classes.toLowerCase(Locale.ROOT).split(","))
                .map(String::strip)
                .toList();
        return all.contains("ddl") || (all.contains("all") && !all.contains("-ddl"));
    }

    private static OperatorException refused(Session session, String reason, String setting, String value) {
        return new OperatorException(
                "database '" + session.database().name() + "' would write down the password of the source: " + reason,
                "ALTER ROLE " + Identifiers.quote(session.database().settings().user()) + " SET " + setting + " = "
                        + value + ";  or, to copy, use method copy, which gives the target no password.");
    }
}
