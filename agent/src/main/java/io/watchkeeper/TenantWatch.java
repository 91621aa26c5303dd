package io.watchkeeper;

import io.watchkeeper.metrics.TenantStanding;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.toolkit.tenant.TenantLedger;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * Whether the tenants of the metadata database are proven to be kept apart, asked every five minutes by a thread of its own, so that whoever
 * shows it waits for no link. What was known of a server that does not answer stays, and its proofs go on ageing.
 */
final class TenantWatch implements Supplier<List<TenantStanding>>, AutoCloseable {

    private static final Duration EVERY = Duration.ofMinutes(5);
    private static final Work WORK = Work.unattended("watchkeeper tenants");

    private final Database database;
    private final DatabaseProbe probe = new DatabaseProbe("tenant-probe", EVERY, WORK, this::look);
    private volatile List<TenantStanding> known = List.of();

    TenantWatch(Database database) {
        this.database = database;
    }

    void start() {
        probe.start(List.of(database));
    }

    /** One standing, or none before the server has answered for the first time. */
    @Override
    public List<TenantStanding> get() {
        return known;
    }

    private void look(Database of, Session session) throws SQLException {
        TenantLedger.Proven proven = TenantLedger.proven(session);
        known = List.of(
                new TenantStanding(of.name(), proven.tenants(), proven.failed(), proven.unproven(), proven.oldest()));
    }

    @Override
    public void close() {
        probe.close();
    }
}
