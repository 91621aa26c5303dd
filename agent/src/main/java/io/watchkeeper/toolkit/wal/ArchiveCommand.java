package io.watchkeeper.toolkit.wal;

import io.watchkeeper.files.FolderOwner;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Lets the server archive its log itself, a segment at a time, by the program {@code archive-wal}. */
final class ArchiveCommand {

    private final Database database;
    private final WalArchive archive;
    private final Work work;
    private final Clock clock;

    ArchiveCommand(Database database, WalArchive archive, Work work, Clock clock) {
        this.database = database;
        this.archive = archive;
        this.work = work;
        this.clock = clock;
    }

    /**
     * @param set archive_command as it is in force
     * @param byAlterSystem whether ALTER SYSTEM has set it
     * @param waiting segments that the server has not archived yet; -1 when the role may not see them
     */
    private record State(
            String systemId,
            long segmentSize,
            long timeline,
            boolean standby,
            String mode,
            String library,
            String set,
            boolean byAlterSystem,
            long archived,
            @Nullable String lastArchived,
            long failed,
            @Nullable String lastFailed,
            boolean failing,
            @Nullable Instant failedAt,
            long waiting) {}

    private State read(Session session) throws SQLException {
        boolean maySeeFiles = session.one(
                "select has_function_privilege('pg_ls_archive_statusdir()', 'execute')", row -> row.getBoolean(1));
        String waiting = maySeeFiles
                ? "(select count(*) from pg_ls_archive_statusdir() where name ~ '^[0-9A-F]{24}\\.ready$')"
                : "-1";
        ServerWal server = ServerWal.read(session, "");
        return session.one(
                """
                select current_setting('archive_mode'), current_setting('archive_command'),
                       coalesce(current_setting('archive_library', true), ''),
                       coalesce((select sourcefile like '%postgresql.auto.conf' from pg_settings where name = 'archive_command'), false),
                       archived_count, last_archived_wal, failed_count, last_failed_wal,
                       coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false),
                       extract(epoch from last_failed_time)::bigint,
                """ + waiting + " from pg_stat_archiver",
                row -> new State(
                        server.systemId(),
                        server.segmentSize(),
                        server.timeline(),
                        server.standby(),
                        row.getString(1),
                        row.getString(3),
                        row.getString(2),
                        row.getBoolean(4),
                        row.getLong(5),
                        row.getString(6),
                        row.getLong(7),
                        row.getString(8),
                        row.getBoolean(9),
                        row.getObject(10) == null ? null : Instant.ofEpochSecond(row.getLong(10)),
                        row.getLong(11)));
    }

    WalArchiveResult archive(WalArchivePlan plan, @Nullable WalStart newestBackup, long began) throws SQLException {
        List<String> notes = new ArrayList<>();
        try (Session session = database.open(work)) {
            State state = read(session);
            requirePossible(state);
            makeFolder();
            ArchiveRecord record = record(state);
            String command = command(plan);
            if (!state.set().equals(command)) {
                set(session, plan, state, record, command);
                notes.add("archive_command was set");
                state = awaitFirst(session, state, plan.patience());
            }
            return judge(plan, state, newestBackup, notes, began);
        }
    }

    private void requirePossible(State state) {
        String name = "'" + database.name() + "'";
        if (state.mode().equals("off") || (state.standby() && !state.mode().equals("always"))) {
            throw new OperatorException(
                    "archive_mode of " + name + " is " + state.mode()
                            + (state.standby() ? ", and it is a standby" : ""),
                    "as a superuser there: ALTER SYSTEM SET archive_mode = "
                            + (state.standby() ? "always" : "on")
                            + "; and restart the server; or use method stream, which needs no restart.");
        }
        if (!state.library().isEmpty()) {
            throw new OperatorException(
                    name + " archives by archive_library '" + state.library() + "'",
                    "ALTER SYSTEM RESET archive_library; there, or use method stream.");
        }
    }

    private void makeFolder() {
        try {
            if (!Files.isDirectory(archive.folder())) {
                Files.createDirectories(archive.folder());
                FolderOwner.give(archive.folder());
            }
        } catch (IOException e) {
            throw new OperatorException(
                    "the folder " + archive.folder() + " cannot be made: " + e.getMessage(), null, e);
        }
    }

    private ArchiveRecord record(State state) {
        ArchiveRecord record = ArchiveRecord.read(archive)
                .orElseGet(() -> ArchiveRecord.begin(state.systemId(), state.segmentSize(), ArchiveRecord.COMMAND));
        record.requireCluster(database.name(), archive, state.systemId());
        if (record.slot() != null) {
            throw new OperatorException(
                    "the log of '" + database.name() + "' is received by slot " + record.slot(),
                    "end that first: walArchive('" + database.name()
                            + "') { end true }, then let this begin with method command.");
        }
        ArchiveRecord ours = record.withMethod(ArchiveRecord.COMMAND);
        ours.write(archive);
        return ours;
    }

    /** As the shell of the server reads it; PostgreSQL itself looks for {@code %}. */
    private String command(WalArchivePlan plan) {
        return Stream.of(
                        Stream.of(WalPrograms.archiveWal().toString()),
                        plan.form().options().stream(),
                        Stream.of(archive.folder().toString()))
                .flatMap(words -> words)
                .map(word -> word.matches("[A-Za-z0-9_@+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'")
                .map(word -> word.replace("%", "%%"))
                .collect(Collectors.joining(" ", "", " %p %f"));
    }

    private void set(Session session, WalArchivePlan plan, State state, ArchiveRecord record, String command)
            throws SQLException {
        boolean ours = record.commandBefore() != null;
        boolean nobodys = state.set().isEmpty()
                || state.set().equals("(disabled)")
                || state.set().contains("archive-wal ");
        if (!ours && !nobodys && !plan.replaceCommand()) {
            throw new OperatorException(
                    "'" + database.name() + "' has an archive_command already: " + state.set(),
                    "somebody else archives this cluster: leave it to that and use method stream, or take over with"
                            + " replace true.");
        }
        if (!ours) {
            // Recorded first, so that whoever comes after a crash can undo it.
            record.withCommandBefore(state.byAlterSystem() ? state.set() : "").write(archive);
        }
        alter(session, "ALTER SYSTEM SET archive_command = " + Identifiers.quoteLiteral(command));
    }

    private void alter(Session session, String sql) throws SQLException {
        try {
            session.runVerbatim(sql);
            session.query("select pg_reload_conf()");
        } catch (SQLException e) {
            if (FailureClass.sqlState(e).orElse("").equals(SqlStates.INSUFFICIENT_PRIVILEGE)) {
                String user = Identifiers.quote(session.database().settings().user());
                throw new OperatorException(
                        "role " + user + " may not set archive_command of '" + database.name() + "'",
                        "from PostgreSQL 15 on, as a superuser there: GRANT ALTER SYSTEM ON PARAMETER archive_command TO "
                                + user + "; GRANT EXECUTE ON FUNCTION pg_reload_conf() TO " + user
                                + "; before that it takes a superuser. Or use method stream.",
                        e);
            }
            throw e;
        }
    }

    /** A command that does not work shows at the first segment: this asks for one, and waits for what becomes of it. */
    private State awaitFirst(Session session, State before, Duration patience) throws SQLException {
        boolean maySwitch = !before.standby()
                && session.one("select has_function_privilege('pg_switch_wal()', 'execute')", row -> row.getBoolean(1));
        if (!maySwitch) {
            return read(session);
        }
        session.query("select pg_logical_emit_message(false, 'watchkeeper', 'archive')");
        session.query("select pg_switch_wal()");
        long until = System.nanoTime() + patience.toNanos();
        State now = read(session);
        while (now.archived() == before.archived() && now.failed() == before.failed() && System.nanoTime() < until) {
            work.throwIfCancelled();
            try {
                TimeUnit.MILLISECONDS.sleep(200);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                work.throwIfCancelled();
                return now;
            }
            now = read(session);
        }
        return now;
    }

    private WalArchiveResult judge(
            WalArchivePlan plan, State state, @Nullable WalStart newestBackup, List<String> notes, long began) {
        ArchiveVerdict verdict = new ArchiveVerdict(database.name(), archive, newestBackup);
        long waiting = Math.max(0, state.waiting()) * state.segmentSize();
        if (state.failing()) {
            verdict.add(new OperatorException(
                    "'" + database.name() + "' cannot archive " + state.lastFailed() + ": archive_command failed "
                            + state.failed() + " times, last at " + state.failedAt()
                            + (state.waiting() < 0 ? "" : ", " + Bytes.of(waiting) + " of log wait"),
                    "the server's log has the reason, after 'archive-wal:'; the server's own user must be able to write "
                            + archive.folder() + "."));
        }
        if (waiting > plan.maxRetained().count()) {
            verdict.add(new OperatorException(
                    "'" + database.name() + "' keeps " + Bytes.of(waiting)
                            + " of log that is not archived, more than maxRetained " + plan.maxRetained(),
                    "its disk fills up until archive_command works again."));
        }
        verdict.lookAtFiles();
        notes.addAll(verdict.notes());
        Optional<WalSegment> last =
                Optional.ofNullable(state.lastArchived()).flatMap(name -> WalSegment.parse(name, state.segmentSize()));
        return new WalArchiveResult(
                database.name(),
                ArchiveRecord.COMMAND,
                null,
                archive.folder(),
                !state.failing(),
                state.timeline(),
                last.map(WalSegment::end).orElse(null),
                verdict.segments(),
                new ArchiveFacts(database.name(), archive, null)
                        .ofFiles(clock.instant())
                        .map(io.watchkeeper.protection.WalState::recoverableTo)
                        .orElse(null),
                Bytes.of(waiting),
                Bytes.of(waiting),
                verdict.missing(),
                verdict.gaps(),
                0,
                notes,
                Duration.ofNanos(System.nanoTime() - began),
                verdict.failure());
    }

    List<PlannedAction> describe(WalArchivePlan plan) throws SQLException {
        try (Session session = database.open(work)) {
            State state = read(session);
            requirePossible(state);
            String command = command(plan);
            if (state.set().equals(command)) {
                return List.of(new PlannedAction(
                        database.name(),
                        "-- archive_command is set already",
                        LockLevel.NONE,
                        -1,
                        -1,
                        "into " + archive.folder()));
            }
            return List.of(
                    new PlannedAction(
                            database.name(),
                            "ALTER SYSTEM SET archive_command = " + Identifiers.quoteLiteral(command),
                            LockLevel.NONE,
                            -1,
                            -1,
                            "now: " + (state.set().isEmpty() ? "none" : state.set())),
                    new PlannedAction(
                            database.name(),
                            "select pg_reload_conf()",
                            LockLevel.NONE,
                            -1,
                            -1,
                            "then one segment is switched, to see that it works (waits at most "
                                    + DurationText.say(plan.patience()) + ")"));
        }
    }

    /** Puts archive_command back as it was. */
    void undo(Session session, ArchiveRecord record, List<String> notes) throws SQLException {
        alter(session, undoing(String.valueOf(record.commandBefore())));
        notes.add("archive_command is as it was before");
    }

    static String undoing(String before) {
        return before.isEmpty()
                ? "ALTER SYSTEM RESET archive_command"
                : "ALTER SYSTEM SET archive_command = " + Identifiers.quoteLiteral(before);
    }
}
