package io.watchkeeper;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.ServerUpkeep;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.UpkeepProbe;
import io.watchkeeper.postgres.Work;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the servers keep their tables in order, asked every minute by a thread for each, so that whoever shows it waits for no link. What was
 * known of a server that does not answer stays; it says itself how old it is.
 */
final class UpkeepWatch implements Supplier<List<ServerUpkeep>>, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(UpkeepWatch.class);
    private static final long EVERY_SECONDS = 60;
    private static final Work WORK = Work.unattended("watchkeeper upkeep");

    private final Clock clock;
    private final Map<String, ServerUpkeep> known = new ConcurrentSkipListMap<>();
    private final ExecutorService probes = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "upkeep-probe");
        thread.setDaemon(true);
        return thread;
    });

    UpkeepWatch(DatabasePools databases, Clock clock) {
        this.clock = clock;
        databases.all().forEach(database -> probes.execute(() -> probeUntilClosed(database)));
    }

    /** By name; servers that were never reached, and standbys, whose primaries do it for them, are not in it. */
    @Override
    public List<ServerUpkeep> get() {
        return List.copyOf(known.values());
    }

    private void probeUntilClosed(Database database) {
        try {
            do {
                probe(database);
            } while (!probes.awaitTermination(EVERY_SECONDS, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void probe(Database database) {
        try (Session session = database.open(WORK)) {
            UpkeepProbe.read(session, clock.instant())
                    .ifPresentOrElse(upkeep -> known.put(database.name(), upkeep), () -> known.remove(database.name()));
        } catch (SQLException | RuntimeException e) {
            // That it cannot be reached is said by those who watch for that.
            LOG.debug("the upkeep of database '{}' cannot be read: {}", database.name(), e.getMessage());
        }
    }

    @Override
    public void close() {
        probes.shutdownNow();
    }
}
