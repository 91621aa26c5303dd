package io.watchkeeper;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.ServerUpkeep;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.UpkeepProbe;
import io.watchkeeper.postgres.Work;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;

/** How the servers keep their tables in order, asked every minute. What was known of a server that does not answer stays; it says itself how old it is. */
final class UpkeepWatch implements Supplier<List<ServerUpkeep>>, AutoCloseable {

    private static final Duration EVERY = Duration.ofMinutes(1);
    private static final Work WORK = Work.unattended("watchkeeper upkeep");

    private final DatabasePools databases;
    private final Clock clock;
    private final Map<String, ServerUpkeep> known = new ConcurrentSkipListMap<>();
    private final DatabaseProbe probe = new DatabaseProbe("upkeep-probe", EVERY, WORK, this::look);

    UpkeepWatch(DatabasePools databases, Clock clock) {
        this.databases = databases;
        this.clock = clock;
    }

    void start() {
        probe.start(databases.all());
    }

    /** By name; servers that were never reached, and standbys, whose primaries do it for them, are not in it. */
    @Override
    public List<ServerUpkeep> get() {
        return List.copyOf(known.values());
    }

    private void look(Database database, Session session) throws SQLException {
        UpkeepProbe.read(session, clock.instant())
                .ifPresentOrElse(upkeep -> known.put(database.name(), upkeep), () -> known.remove(database.name()));
    }

    @Override
    public void close() {
        probe.close();
    }
}
