package io.watchkeeper.toolkit.pgbackrest;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.wal.WalSegment;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether a server's write-ahead log gets into its stanza: what the server is set to, what it counts, and what the repository has. */
public final class StanzaArchive {

    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    private final PgBackRest program;
    private final Database database;

    public StanzaArchive(PgBackRest program, Database database) {
        this.program = program;
        this.database = database;
    }

    /**
     * What the server says of its archiving.
     *
     * @param lastArchived the last file that archive_command took, a segment or another; null for none since the statistics were reset
     * @param failures since the statistics were reset
     * @param waiting segments that are ready and not archived yet; -1 where this role may not see it
     * @param segmentSize in bytes
     */
    public record Server(
            String archiveMode,
            String archiveCommand,
            @Nullable String lastArchived,
            @Nullable Instant lastArchivedAt,
            @Nullable String lastFailed,
            @Nullable Instant lastFailedAt,
            long failures,
            long waiting,
            Lsn now,
            Instant clock,
            long segmentSize) {

        boolean failing() {
            return lastFailedAt != null && (lastArchivedAt == null || lastFailedAt.isAfter(lastArchivedAt));
        }
    }

    /**
     * How the archive stands.
     *
     * @param newest the last segment in the repository; null when it has none
     * @param recoverableTo the position up to which the repository's segments reach
     * @param behind bytes of log that are not in the repository yet
     * @param segments in the repository
     * @param gaps stretches that are missing in it
     */
    public record State(
            Server server,
            @Nullable String newest,
            @Nullable Lsn recoverableTo,
            long behind,
            long segments,
            List<String> gaps) {}

    /** The command that takes a segment into the stanza. */
    static String archiveCommand(Stanza stanza) {
        return "pgbackrest " + (stanza.config() == null ? "" : "--config=" + stanza.config() + " ") + "--stanza="
                + stanza.name() + " archive-push %p";
    }

    /** What is wrong with the server's settings, each with what to do; empty when they are right. */
    public static Optional<OperatorException> wrongSettings(Stanza stanza, String database, Server server) {
        if (server.archiveMode().equals("off")) {
            return Optional.of(new OperatorException(
                    "archive_mode of '" + database + "' is off, and pgBackRest takes its segments from archive_command",
                    "ALTER SYSTEM SET archive_mode = 'on', and restart the server."));
        }
        String command = server.archiveCommand();
        String wrong = !command.contains("archive-push")
                ? "does not run pgbackrest archive-push"
                : !names(command, stanza)
                        ? "names another stanza than '" + stanza + "'"
                        : !command.contains("%p") ? "does not name the segment (%p)" : "";
        if (wrong.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new OperatorException(
                "archive_command of '" + database + "' " + wrong + ": " + (command.isEmpty() ? "it is empty" : command),
                "say 'method command' and walArchive sets it, or: ALTER SYSTEM SET archive_command = '"
                        + archiveCommand(stanza) + "'; SELECT pg_reload_conf();"));
    }

    private static boolean names(String command, Stanza stanza) {
        return (command + " ").contains("--stanza=" + stanza.name() + " ");
    }

    public Server server() throws SQLException {
        try (Session session = database.open(program.work())) {
            Server server = session.one("""
                    select current_setting('archive_mode') as mode,
                           current_setting('archive_command') as command,
                           a.last_archived_wal, a.last_archived_time, a.last_failed_wal, a.last_failed_time, a.failed_count,
                           case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end::text as now,
                           clock_timestamp() as clock,
                           (select setting::bigint * case unit when '8kB' then 8192 else 1 end
                              from pg_settings where name = 'wal_segment_size') as segment_size
                      from pg_stat_archiver a
                    """, StanzaArchive::read);
            return waiting(session, server);
        }
    }

    private static Server read(ResultSet row) throws SQLException {
        return new Server(
                row.getString("mode"),
                row.getString("command"),
                row.getString("last_archived_wal"),
                instant(row.getTimestamp("last_archived_time")),
                row.getString("last_failed_wal"),
                instant(row.getTimestamp("last_failed_time")),
                row.getLong("failed_count"),
                -1,
                Lsn.parse(String.valueOf(row.getString("now"))).orElse(new Lsn(0)),
                row.getTimestamp("clock").toInstant(),
                row.getLong("segment_size"));
    }

    private static @Nullable Instant instant(@Nullable Timestamp time) {
        return time == null ? null : time.toInstant();
    }

    private static Server waiting(Session session, Server server) throws SQLException {
        long waiting;
        try {
            waiting = session.one(
                    "select count(*) from pg_ls_archive_statusdir() where name like '%.ready'", row -> row.getLong(1));
        } catch (SQLException e) {
            if (!INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                throw e;
            }
            waiting = -1;
        }
        return new Server(
                server.archiveMode(),
                server.archiveCommand(),
                server.lastArchived(),
                server.lastArchivedAt(),
                server.lastFailed(),
                server.lastFailedAt(),
                server.failures(),
                waiting,
                server.now(),
                server.clock(),
                server.segmentSize());
    }

    /** How far the repository is, without changing anything. */
    public State state() throws SQLException {
        Server server = server();
        StanzaInfo info = program.requireInfo();
        List<String> gaps = new ArrayList<>();
        Optional<WalSegment> newest = Optional.empty();
        long count = 0;
        for (StanzaInfo.Repo repo : info.repos()) {
            Optional<StanzaInfo.Archive> archive = info.archive(repo.key());
            if (archive.isEmpty()) {
                continue;
            }
            SegmentList segments = StanzaVerification.segments(program, info, archive.get(), server.segmentSize());
            List<StanzaBackup> backups = info.backups().stream()
                    .filter(b -> b.repo() == repo.key()
                            && b.databaseId() == archive.get().databaseId())
                    .toList();
            segments.gaps(backups)
                    .forEach(gap -> gaps.add("archive " + archive.get().id() + " lacks segment " + gap));
            count += segments.count();
            Optional<WalSegment> last = segments.newest();
            if (newest.isEmpty()
                    || (last.isPresent() && last.get().number() < newest.get().number())) {
                // The repository that is furthest behind says how much would be lost with the server.
                newest = last;
            }
        }
        Lsn reached = newest.map(WalSegment::end).orElse(null);
        long behind = reached == null
                ? server.now().position()
                : Math.max(0, server.now().minus(reached));
        return new State(server, newest.map(WalSegment::name).orElse(null), reached, behind, count, gaps);
    }

    /**
     * Has the server archive into the stanza from now on, and makes the stanza where it is not there yet. The setting goes into
     * postgresql.auto.conf and is in force at once.
     *
     * @return what it was before, where it was another; empty when nothing had to change
     */
    public Optional<String> setArchiveCommand() throws SQLException {
        Server server = server();
        if (program.info().isMissing()) {
            program.create();
        }
        Optional<OperatorException> wrong = wrongSettings(program.stanza(), database.name(), server);
        if (wrong.isEmpty()) {
            return Optional.empty();
        }
        if (server.archiveMode().equals("off")) {
            throw wrong.get();
        }
        String command = archiveCommand(program.stanza());
        try (Session session = database.open(program.work())) {
            session.runVerbatim("alter system set archive_command = " + Identifiers.quoteLiteral(command));
            session.runVerbatim("select pg_reload_conf()");
        }
        return Optional.of(server.archiveCommand());
    }

    /** Has a segment archived now, and waits until the repository has it. @throws OperatorException when it does not get there */
    public void check() {
        program.check();
    }
}
