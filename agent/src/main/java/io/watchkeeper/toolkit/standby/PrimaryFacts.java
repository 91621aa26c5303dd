package io.watchkeeper.toolkit.standby;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the server says of itself that a standby is made of.
 *
 * @param standby whether it is one itself; a standby of it is a cascading one
 * @param ssl whether it speaks TLS
 * @param dataDirectory on its own host; null when the role may not see it
 * @param hbaFile on its own host; null when the role may not see it
 * @param startedSecond of the Unix epoch
 * @param seenFrom the address this host comes from; null for a local socket
 * @param bytes of all databases; 0 when the role may not see them
 * @param tablespaces the folders of those that are not in the data directory
 */
record PrimaryFacts(
        int versionNumber,
        boolean standby,
        String systemId,
        boolean ssl,
        @Nullable Path dataDirectory,
        @Nullable Path hbaFile,
        long startedSecond,
        @Nullable String seenFrom,
        long bytes,
        List<String> tablespaces) {

    /** With this version recovery.conf went, and standby.signal came. */
    private static final int SIGNAL_FILES_SINCE = 120_000;

    private static final int SECONDS_APART = 5;

    private static final String SERVER = """
            select current_setting('server_version_num')::int, pg_is_in_recovery(),
                   (select system_identifier::text from pg_control_system()), current_setting('ssl') = 'on',
                   extract(epoch from pg_postmaster_start_time())::bigint, host(inet_client_addr()),
                   case when pg_has_role(current_user, 'pg_read_all_stats', 'usage')
                        then (select sum(pg_database_size(oid))::bigint from pg_database) else 0 end""";

    private static final String FILES =
            "select name, setting from pg_settings where name in ('data_directory', 'hba_file') and setting is not null";

    private static final String TABLESPACES = """
            select location from (select pg_tablespace_location(oid) as location from pg_tablespace) t
             where location <> '' order by 1""";

    static PrimaryFacts read(Session session) throws SQLException {
        requireSignalFiles(session);
        Map<String, String> files = new TreeMap<>();
        session.list(FILES, row -> files.put(row.getString(1), row.getString(2)));
        List<String> tablespaces = session.list(TABLESPACES, row -> row.getString(1));
        return session.one(
                SERVER,
                row -> new PrimaryFacts(
                        row.getInt(1),
                        row.getBoolean(2),
                        row.getString(3),
                        row.getBoolean(4),
                        Optional.ofNullable(files.get("data_directory"))
                                .map(Path::of)
                                .orElse(null),
                        Optional.ofNullable(files.get("hba_file")).map(Path::of).orElse(null),
                        row.getLong(5),
                        row.getString(6),
                        row.getLong(7),
                        tablespaces));
    }

    private static void requireSignalFiles(Session session) throws SQLException {
        int version = session.one("select current_setting('server_version_num')::int", row -> row.getInt(1));
        requireSignalFiles(session.database().name(), version);
    }

    /** @throws OperatorException when the server is of the time of recovery.conf */
    static void requireSignalFiles(String database, int version) {
        if (version < SIGNAL_FILES_SINCE) {
            throw new OperatorException(
                    "'" + database + "' is PostgreSQL " + version / 10_000
                            + ", whose standbys are told by recovery.conf; Watchkeeper makes those of version 12 and newer",
                    "upgrade it first; until then: pg_basebackup -R, by hand.");
        }
    }

    int major() {
        return versionNumber / 10_000;
    }

    /**
     * Whether the server's files are on this host and this process may read them: its postmaster.pid tells the very second at which it
     * was started, which a file of the same name of another server does not.
     */
    boolean isHere() {
        if (dataDirectory == null) {
            return false;
        }
        try {
            List<String> lines = Files.readAllLines(dataDirectory.resolve("postmaster.pid"));
            return lines.size() > 2 && Math.abs(Long.parseLong(lines.get(2).strip()) - startedSecond) <= SECONDS_APART;
        } catch (IOException | NumberFormatException e) {
            return false;
        }
    }

    /** @throws OperatorException when {@link #isHere} is not so */
    Path requireData() {
        return Objects.requireNonNull(dataDirectory);
    }
}
