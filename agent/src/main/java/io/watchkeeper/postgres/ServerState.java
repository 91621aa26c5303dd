package io.watchkeeper.postgres;

import java.sql.SQLException;
import java.util.Locale;

/**
 * What a server says of itself.
 *
 * @param versionNumber for example 150018
 * @param systemIdentifier the same on a primary and its physical standbys, and nowhere else
 * @param databaseId the same on a primary and its physical standbys
 * @param encoding of this database, for example {@code UTF8}
 */
public record ServerState(
        ServerRole role, int versionNumber, String systemIdentifier, long databaseId, String encoding) {

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
                       (select system_identifier::text from pg_control_system()),
                       (select oid::bigint from pg_database where datname = current_database()),
                       current_setting('server_encoding')""",
                row -> new ServerState(
                        row.getBoolean(1) ? ServerRole.STANDBY : ServerRole.PRIMARY,
                        row.getInt(2),
                        row.getString(3),
                        row.getLong(4),
                        row.getString(5)));
    }

    /** The part before the dot, for example 15. */
    public int majorVersion() {
        return versionNumber / 10_000;
    }

    public boolean isStandby() {
        return role == ServerRole.STANDBY;
    }
}
