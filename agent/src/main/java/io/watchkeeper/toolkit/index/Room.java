package io.watchkeeper.toolkit.index;

import io.watchkeeper.files.FreeSpace;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Whether what is built anew fits beside the old. Known only where the server's files are on this host and visible. */
final class Room {

    /** The new index, and the files it is sorted in or the log it writes. */
    private static final int TIMES = 2;

    private static final String FOLDER = """
            select coalesce(nullif(pg_tablespace_location(coalesce(nullif(i.reltablespace, 0), d.dattablespace)), ''),
                            (select setting from pg_settings where name = 'data_directory'))
              from pg_class i, pg_database d where i.oid = ?::oid and d.datname = current_database()""";

    private final Function<Path, Optional<Bytes>> free;

    Room() {
        this(FreeSpace::of);
    }

    /** @param free what may still be written in a folder */
    Room(Function<Path, Optional<Bytes>> free) {
        this.free = free;
    }

    /**
     * Refuses to begin what cannot be ended.
     *
     * @param relation in the catalogue, an index or a table
     * @param bytes it takes now
     * @throws OperatorException when the disk would be full before it is built
     */
    void require(Session session, long relation, Bytes bytes, String name) throws SQLException {
        Optional<Path> folder = folder(session, relation);
        Optional<Bytes> left = folder.flatMap(free);
        Bytes needed = new Bytes(bytes.count() * TIMES);
        if (left.isPresent() && left.get().compareTo(needed) < 0) {
            throw new OperatorException(
                    "building " + name + " anew may need " + needed + " for a while, and " + folder.get() + " has "
                            + left.get() + " free",
                    "make room on that disk, or drop indexes that indexAdvice calls unused first.");
        }
    }

    /** What a dry run says of it. */
    String words(Session session, long relation, Bytes bytes) throws SQLException {
        Bytes needed = new Bytes(bytes.count() * TIMES);
        return folder(session, relation)
                .flatMap(free)
                .map(left -> "may need " + needed + " of the " + left + " that are free")
                .orElse("may need " + needed + " on the server's disk, which this host does not see");
    }

    private static Optional<Path> folder(Session session, long relation) throws SQLException {
        if (!session.database().settings().local()) {
            return Optional.empty();
        }
        List<Path> folders = session.list(
                FOLDER, row -> row.getString(1) == null ? Path.of("") : Path.of(row.getString(1)), relation);
        return folders.stream()
                .filter(Path::isAbsolute)
                .filter(Files::isDirectory)
                .findFirst();
    }
}
