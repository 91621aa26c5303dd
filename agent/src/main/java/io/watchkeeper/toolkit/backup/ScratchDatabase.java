package io.watchkeeper.toolkit.backup;

import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Work;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A database of this process's own, dropped when it is closed, see {@link ScratchDatabases#make}. */
final class ScratchDatabase implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ScratchDatabase.class);

    private final ScratchDatabases all;
    private final Database server;
    private final String name;
    private final LockFile lock;
    private boolean kept;

    ScratchDatabase(ScratchDatabases all, Database server, String name, LockFile lock) {
        this.all = all;
        this.server = server;
        this.name = name;
        this.lock = lock;
    }

    String name() {
        return name;
    }

    /** A pool for it, under the name of the configured database whose server it is on. */
    DatabasePools open() {
        return OtherDatabase.on(server, name);
    }

    /**
     * Gives it a name of its own and keeps it. Nobody may be connected to it. If the process dies after the renaming, the sweep finds no
     * database of the old name, and that is all.
     */
    void keepAs(String lastingName, Work work) throws SQLException {
        OtherDatabase.administer(server, work, session -> {
            session.runVerbatim(
                    "ALTER DATABASE " + Identifiers.quote(name) + " RENAME TO " + Identifiers.quote(lastingName));
            return lastingName;
        });
        kept = true;
        all.forget(name);
    }

    /** Drops it, also after a cancellation. What cannot be dropped now is left to the sweep. */
    @Override
    public void close() {
        try (lock) {
            if (!kept) {
                ScratchDatabases.drop(server, Work.unattended("watchkeeper"), name);
                all.forget(name);
            }
        } catch (SQLException | RuntimeException e) {
            LOG.warn("{} on {} cannot be dropped now, and will be later: {}", name, server.name(), e.getMessage());
        }
    }
}
