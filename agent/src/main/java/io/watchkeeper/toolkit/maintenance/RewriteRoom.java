package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.files.FreeSpace;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What rewriting a table takes: room for a second one beside it, and a lock that nobody passes. */
final class RewriteRoom {

    /** A guess for the preview: what a disk of the cloud's cheaper sort reads and writes, with the indexes. */
    private static final long BYTES_PER_SECOND = Bytes.megabytes(50).count();

    private static final String FOLDER = """
            select coalesce(nullif(pg_tablespace_location(coalesce(nullif(c.reltablespace, 0), d.dattablespace)), ''),
                            (select setting from pg_settings where name = 'data_directory'))
              from pg_class c, pg_database d where c.oid = to_regclass(?) and d.datname = current_database()""";

    private final Function<Path, Optional<Bytes>> freeSpace;

    RewriteRoom() {
        this(FreeSpace::of);
    }

    RewriteRoom(Function<Path, Optional<Bytes>> freeSpace) {
        this.freeSpace = freeSpace;
    }

    /** @throws OperatorException when the server is on this host and its disk has less free than a second table takes */
    void require(Session session, TableName table, long bytes) throws SQLException {
        Optional<Bytes> free = free(session, table);
        if (free.isPresent() && free.get().count() < bytes) {
            throw new OperatorException(
                    "VACUUM FULL of " + table + " in database '"
                            + session.database().name() + "' may need " + Bytes.of(bytes) + ", and its disk has "
                            + free.get() + " free",
                    "make room, or leave full out: a plain VACUUM needs none, and the table uses again what is free in it.");
        }
    }

    /** For a dry run: how much it takes and how long it locks. */
    String preview(Session session, TableName table, long bytes, Duration atMost) throws SQLException {
        Duration guess = Duration.ofSeconds(Math.max(1, bytes / BYTES_PER_SECOND));
        Optional<Bytes> free = free(session, table);
        String room = free.map(one -> one.count() < bytes
                        ? "refused: its disk has " + one + " free"
                        : "its disk has " + one + " free")
                .orElse("what its disk has free is not known from here");
        return "a second table of up to " + Bytes.of(bytes) + " beside it, and as much log; " + room
                + "; nobody reads or writes it meanwhile, about " + DurationText.say(guess) + " at "
                + Bytes.of(BYTES_PER_SECOND) + " a second, never longer than " + DurationText.say(atMost);
    }

    private Optional<Bytes> free(Session session, TableName table) throws SQLException {
        if (!session.database().settings().local()) {
            return Optional.empty();
        }
        List<String> folder = session.list(FOLDER, row -> String.valueOf(row.getString(1)), table.quoted());
        return folder.isEmpty() || !folder.get(0).startsWith("/")
                ? Optional.empty()
                : freeSpace.apply(Path.of(folder.get(0)));
    }
}
