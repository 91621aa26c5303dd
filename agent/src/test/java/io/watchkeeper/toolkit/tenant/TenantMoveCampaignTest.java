package io.watchkeeper.toolkit.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.units.Bytes;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A large tenant is moved to and fro while another one works; -Dcampaign.rows says how large. */
@Tag("campaign")
class TenantMoveCampaignTest {

    private static final Logger LOG = LoggerFactory.getLogger(TenantMoveCampaignTest.class);
    private static final long ROWS = Long.getLong("campaign.rows", 1_000_000);

    @Test
    void aLargeTenantIsMovedToAndFroBesideAnotherOneAtWork() throws Exception {
        try (MoveRig rig = new MoveRig()) {
            TenantId id = new TenantId(rig.rig.create("large").id());
            TenantId other = new TenantId(rig.rig.create("other").id());
            rig.rig.on(
                    "insert into crew (tenant_id, name, papers) select case when i % 5 = 0 then '" + other + "' else '"
                            + id + "' end, 'sailor ' || i, '{\"no\": 1}' from generate_series(1, " + ROWS * 5 / 4
                            + ") i; analyze");
            AtomicBoolean stop = new AtomicBoolean();
            AtomicLong slowest = new AtomicLong();
            CompletableFuture<Void> neighbour = CompletableFuture.runAsync(() -> work(rig, other, stop, slowest));
            try {
                move(rig, id, Tenancy.SCHEMA);
                move(rig, id, Tenancy.RLS);
            } finally {
                stop.set(true);
                neighbour.join();
            }
            LOG.info("the slowest write of the neighbour took {} ms", slowest.get() / 1_000_000);
            assertThat(rig.seen(id, "crew")).startsWith(ROWS + " ");
        }
    }

    private static void move(MoveRig rig, TenantId id, Tenancy to) throws SQLException {
        MovePlan plan = new MovePlan(
                id, to, Gentleness.of(Bytes.gigabytes(10)), Duration.ofMinutes(5), Duration.ofMillis(500), 20);
        long begun = System.nanoTime();
        StoppableWork work = new StoppableWork("campaign");
        String[] stage = {""};
        work.onProgress(progress -> {
            if (!progress.stage().equals(stage[0])) {
                stage[0] = progress.stage();
                LOG.info("{} ms {}", (System.nanoTime() - begun) / 1_000_000, stage[0]);
            }
        });
        TenantMoveResult moved = new TenantMove(rig.rig.database(), work).move(plan, "run-campaign");
        LOG.info("{}, all in {} ms", moved.words(), (System.nanoTime() - begun) / 1_000_000);
        assertThat(moved.allRows()).isEqualTo(ROWS);
    }

    private static void work(MoveRig rig, TenantId id, AtomicBoolean stop, AtomicLong slowest) {
        try (Connection connection = rig.rig.as("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("set role \"" + id.role() + "\"; set app.tenant_id = '" + id + "'");
            while (!stop.get()) {
                long begun = System.nanoTime();
                statement.execute("insert into crew (tenant_id, name) values ('" + id + "', 'busy')");
                slowest.accumulateAndGet(System.nanoTime() - begun, Math::max);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
