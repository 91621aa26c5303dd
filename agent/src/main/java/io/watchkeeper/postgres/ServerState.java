package io.watchkeeper.postgres;

import java.sql.SQLException;
import java.util.Locale;

/**
 * What a server says of itself.
 *
 * @param versionNumber for example 150018
 * @param systemIdentifier the same on a primary and its physical standbys, and nowhere else
 * @param encoding of this database, for example {@code UTF8}
 */
public record ServerState(ServerRole role, int versionNumber, String systemIdentifier, String encoding) {

    /** Whether it takes writes. */
    public enum ServerRole {
        PRIMARY,
        STANDBY;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public static ServerState read(Session session) throws SQLException {
        return session.one(
                """
                select pg_is_in_recovery(), current_setting('server_version_num')::int,
                       (select system_identifier::text from pg_control_system()), current_setting('server_encoding')""",
                row -> new ServerState(
                        row.getBoolean(1) ? ServerRole.STANDBY : ServerRole.PRIMARY,
                        row.getInt(2),
                        row.getString(3),
                        row.getString(4)));
    }

    /** The part before the dot, for example 15. */
    public int majorVersion() {
        return versionNumber / 10_000;
    }

    public boolean isStandby() {
        return role == ServerRole.STANDBY;
    }
}
