package io.watchkeeper;

import io.watchkeeper.metrics.TenantStanding;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.toolkit.tenant.TenantLedger;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the tenants of the metadata database are proven to be kept apart, asked every five minutes by a thread of its own, so that whoever
 * shows it waits for no link. What was known of a server that does not answer stays, and its proofs go on ageing.
 */
final class TenantWatch implements Supplier<List<TenantStanding>>, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TenantWatch.class);
    private static final long EVERY_SECONDS = 300;
    private static final Work WORK = Work.unattended("watchkeeper tenants");

    private final Database database;
    private final ExecutorService probe = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "tenant-probe");
        thread.setDaemon(true);
        return thread;
    });
    private volatile List<TenantStanding> known = List.of();

    TenantWatch(Database database) {
        this.database = database;
        probe.execute(this::probeUntilClosed);
    }

    /** One standing, or none before the server has answered for the first time. */
    @Override
    public List<TenantStanding> get() {
        return known;
    }

    private void probeUntilClosed() {
        try {
            do {
                look();
            } while (!probe.awaitTermination(EVERY_SECONDS, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        try (Session session = database.open(WORK)) {
            TenantLedger.Proven proven = TenantLedger.proven(session);
            known = List.of(new TenantStanding(
                    database.name(), proven.tenants(), proven.failed(), proven.unproven(), proven.oldest()));
        } catch (SQLException | RuntimeException e) {
            // That it cannot be reached is said by those who watch for that.
            LOG.debug("the tenants' proofs in database '{}' cannot be read: {}", database.name(), e.getMessage());
        }
    }

    @Override
    public void close() {
        probe.shutdownNow();
    }
}
