package io.watchkeeper.toolkit.remedy;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A setting of a server as {@code ALTER SYSTEM} keeps it, which works on a standby too: it is a file there. */
final class ServerSetting {

    private static final Duration TAKES_EFFECT = Duration.ofSeconds(5);
    private static final long LOOK_AGAIN_MS = 20;

    private ServerSetting() {}

    /** What postgresql.auto.conf says at this moment, loaded or not; null when it says nothing. */
    static @Nullable String own(Session session, String name) throws SQLException {
        List<String> values = session.list("""
                select setting from pg_file_settings
                 where sourcefile like '%/postgresql.auto.conf' and lower(name) = lower(?)
                 order by seqno desc limit 1""", row -> row.getString(1), name);
        return values.isEmpty() ? null : values.get(0);
    }

    /** What holds at this moment, in the units of pg_settings. */
    static String effective(Session session, String name) throws SQLException {
        return session.one("select setting from pg_settings where name = ?", row -> row.getString(1), name);
    }

    /** @param value null to take it out of the file */
    static void write(Session session, String name, @Nullable String value) throws SQLException {
        session.runVerbatim(
                value == null
                        ? "ALTER SYSTEM RESET " + Identifiers.quote(name)
                        : "ALTER SYSTEM SET " + Identifiers.quote(name) + " = " + Identifiers.quoteLiteral(value));
        reload(session);
    }

    static void reload(Session session) throws SQLException {
        session.query("select pg_reload_conf()");
    }

    /** Waits until the value holds. @return false when something else rules it, as a start option of the server does */
    static boolean awaitEffect(Session session, String name, String value) throws SQLException {
        long end = System.nanoTime() + TAKES_EFFECT.toNanos();
        while (!effective(session, name).equals(value)) {
            if (System.nanoTime() > end) {
                return false;
            }
            session.query("select pg_sleep(?)", LOOK_AGAIN_MS / (double) TimeUnit.SECONDS.toMillis(1));
        }
        return true;
    }
}
