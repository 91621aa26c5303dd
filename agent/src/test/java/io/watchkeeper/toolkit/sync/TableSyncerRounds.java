package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.units.Ratio;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The agent's own rounds. */
class TableSyncerRounds implements RoundSyncer {

    private static final SyncPlan PLAN =
            SyncPlan.of(TableName.parse("public.t")).with(o -> o.withMaxDeletes(MaxDeletes.of(Ratio.percent(100))));

    /** A pool for each pair of servers that was ever asked for, as a running agent has. */
    private final Map<String, DatabasePools> pools = new HashMap<>();

    @Override
    public String sync(String sourceUrl, String targetUrl, @Nullable String snapshot) throws Exception {
        DatabasePools pool = pools.computeIfAbsent(
                sourceUrl + " " + targetUrl,
                both -> new DatabasePools(List.of(settings("shore", sourceUrl), settings("ship", targetUrl))));
        TableSyncer syncer = new TableSyncer(
                pool.database("shore"),
                pool.database("ship"),
                Work.unattended("sync campaign"),
                Duration.ofSeconds(30),
                largeness());
        SyncPlan plan = plan();
        SyncResult result = snapshot == null ? syncer.sync(plan) : syncer.syncInSnapshot(plan, snapshot);
        if (result.skipped()) {
            throw new IllegalStateException("skipped: " + result.reason());
        }
        String steps = result.chunks() > 1 ? " in steps" : "";
        return (result.mode() == SyncMode.XMIN ? "xmin" : result.mode() + ": " + result.reason()) + steps;
    }

    SyncPlan plan() {
        return PLAN;
    }

    /** From when on a round goes in steps. */
    Largeness largeness() {
        return Largeness.USUAL;
    }

    private static DatabaseSettings settings(String name, String url) {
        return new DatabaseSettings(name, url, "postgres", null, 4, null, true);
    }

    @Override
    public void close() {
        pools.values().forEach(DatabasePools::close);
    }
}
