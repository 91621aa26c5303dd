package io.watchkeeper;

import io.watchkeeper.measures.Measurement;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TablePattern;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.toolkit.index.BloatReader;
import io.watchkeeper.toolkit.index.BloatReview;
import java.sql.SQLException;
import java.util.ArrayList;
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
 * How much of the worst tables of each server is empty or dead, estimated from statistics every ten minutes by a thread for each, so that
 * whoever shows it waits for no link. What was known of a server that does not answer stays.
 */
final class BloatWatch implements Supplier<List<Measurement>>, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BloatWatch.class);
    private static final long EVERY_SECONDS = 600;
    private static final int LOOKED_AT = 500;
    private static final int SHOWN = 20;
    private static final Work WORK = Work.unattended("watchkeeper bloat");

    private final Map<String, List<Measurement>> known = new ConcurrentSkipListMap<>();
    private final ExecutorService probes = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "bloat-probe");
        thread.setDaemon(true);
        return thread;
    });

    BloatWatch(DatabasePools databases) {
        databases.all().forEach(database -> probes.execute(() -> probeUntilClosed(database)));
    }

    /** The worst tables of each database. Standbys are not in it: their primaries' tables are theirs. */
    @Override
    public List<Measurement> get() {
        List<Measurement> all = new ArrayList<>();
        known.values().forEach(all::addAll);
        return all;
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
            if (session.one("select pg_is_in_recovery()", row -> row.getBoolean(1))) {
                known.remove(database.name());
                return;
            }
            BloatReader reader = new BloatReader(session);
            known.put(
                    database.name(),
                    BloatReview.figures(
                            database.name(),
                            reader.tables(TablePattern.all(session), BloatReader.LEAST, LOOKED_AT),
                            List.of(),
                            SHOWN));
        } catch (SQLException | RuntimeException e) {
            // That it cannot be reached is said by those who watch for that.
            LOG.debug("the bloat of database '{}' cannot be read: {}", database.name(), e.getMessage());
        }
    }

    @Override
    public void close() {
        probes.shutdownNow();
    }
}
