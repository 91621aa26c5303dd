package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.postgres.ServerUser;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.wal.ArchivedFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The archived log of a cluster, as far as a recovery has to know it. */
public interface ArchivedLog {

    List<ArchivedFile> files() throws IOException;

    /** When a file of it was written; null where that is not known. */
    @Nullable
    Instant written(ArchivedFile file) throws IOException;

    /**
     * Brings a file out, decoded and checked.
     *
     * @return false when the archive does not have it
     * @throws OperatorException when it has it, damaged
     */
    boolean fetch(String name, Path to) throws IOException;

    /** A timeline's history; empty when the archive does not have it. */
    Optional<String> history(String name) throws IOException;

    /** For a server that a person starts, without any agent. @param data its data directory */
    String restoreCommand(Path data);

    /**
     * What would keep a server's user from fetching the log by {@link #restoreCommand}, for people.
     *
     * @throws OperatorException when that cannot be mended after the restore as well as before
     */
    List<String> obstacles(ServerUser user);

    /** For the shell, which PostgreSQL calls with its own placeholders filled in. */
    static String quoted(Path path) {
        String text = path.toString().replace("%", "%%");
        return text.matches("[A-Za-z0-9_@%+=:,./-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
