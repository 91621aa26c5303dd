package io.watchkeeper.toolkit.pgbackrest;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.wal.WalArchiveResult;
import io.watchkeeper.toolkit.wal.WalSegment;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** {@code walArchive} by pgBackRest: the server pushes, and this sees to it that what it pushes arrives. */
public final class StanzaWalArchive {

    private static final int LOOKS = 20;

    private final PgBackRest program;
    private final String database;
    private final StanzaArchive archive;

    public StanzaWalArchive(PgBackRest program, Database database) {
        this.program = program;
        this.database = database.name();
        this.archive = new StanzaArchive(program, database);
    }

    /** @param mayChange whether archive_command is to be set where it is another */
    public List<PlannedAction> describe(boolean mayChange) throws SQLException {
        List<PlannedAction> actions = new ArrayList<>();
        Optional<OperatorException> wrong = StanzaArchive.wrongSettings(program.stanza(), database, archive.server());
        if (wrong.isPresent() && mayChange) {
            actions.add(action(
                    "ALTER SYSTEM SET archive_command = '" + StanzaArchive.archiveCommand(program.stanza()) + "'",
                    String.valueOf(wrong.get().getMessage())));
        } else if (wrong.isPresent()) {
            actions.add(action("-- nothing", String.valueOf(wrong.get().getMessage())));
        }
        actions.add(action(
                program.text("check", List.of()),
                "has the server switch to another segment and waits for the old one"));
        return actions;
    }

    private PlannedAction action(String what, String note) {
        return new PlannedAction(database, what, LockLevel.NONE, -1, -1, note);
    }

    /** @return also of an archive that is not as it should be, with why */
    public WalArchiveResult archive(boolean mayChange) throws SQLException {
        long began = System.nanoTime();
        List<String> notes = new ArrayList<>();
        if (mayChange) {
            archive.setArchiveCommand()
                    .ifPresent(before -> notes.add("archive_command was "
                            + (before.isEmpty() ? "empty" : "'" + before + "'") + ", and is '"
                            + StanzaArchive.archiveCommand(program.stanza()) + "' now"));
        }
        OperatorException failure = StanzaArchive.wrongSettings(program.stanza(), database, archive.server())
                .orElse(null);
        if (failure == null) {
            try {
                archive.check();
                awaitCount();
            } catch (OperatorException e) {
                failure = e;
            }
        }
        StanzaArchive.State state = archive.state();
        if (failure == null && !state.gaps().isEmpty()) {
            failure = new OperatorException(
                    "the archive of '" + database + "' has a gap: "
                            + state.gaps().get(0),
                    "nothing behind it can be recovered from older backups: make a new one (watchkeeper backup base "
                            + database + ").");
        }
        StanzaArchive.Server server = state.server();
        if (server.waiting() > 0) {
            notes.add(server.waiting() + " segments wait to be archived");
        }
        if (server.failing() && server.lastFailedAt() != null) {
            notes.add("archive_command last failed for " + server.lastFailed() + ", "
                    + DurationText.say(Duration.between(server.lastFailedAt(), server.clock())) + " ago");
        }
        return result(state, notes, failure, Duration.ofNanos(System.nanoTime() - began));
    }

    /** The segment is in the repository a moment before the server counts it. */
    private void awaitCount() throws SQLException {
        for (int look = 0; look < LOOKS && archive.server().lastArchivedAt() == null; look++) {
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
    }

    private WalArchiveResult result(
            StanzaArchive.State state, List<String> notes, @Nullable OperatorException failure, Duration took) {
        StanzaArchive.Server server = state.server();
        Lsn reached = state.recoverableTo();
        String newest = state.newest();
        long timeline = newest == null
                ? 0
                : WalSegment.parse(newest, server.segmentSize())
                        .map(WalSegment::timeline)
                        .orElse(0L);
        Instant until = server.lastArchivedAt();
        return new WalArchiveResult(
                database,
                "pgbackrest",
                null,
                Path.of("archive", program.stanza().name()),
                !server.failing() && failure == null,
                timeline,
                reached,
                state.segments(),
                until,
                Bytes.of(state.behind()),
                Bytes.of(Math.max(0, server.waiting()) * server.segmentSize()),
                state.gaps(),
                List.of(),
                0,
                notes,
                took,
                failure);
    }
}
