package io.watchkeeper.toolkit.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.measures.Measurements;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.testing.OtherProcess;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RebuildSweepTest {

    private static final String INVALID = "select count(*) from pg_index where not indisvalid";

    /** An agent of its own, which rebuilds until it is killed. */
    static final class Rebuilding {

        private Rebuilding() {}

        public static void main(String[] arguments) throws Exception {
            DatabaseSettings settings = new DatabaseSettings("shore", arguments[0], "postgres", null, 4, null, true);
            try (DatabasePools pools = new DatabasePools(List.of(settings))) {
                Thread worker = new Thread(() -> {
                    try {
                        new Reindex(
                                        pools.database("shore"),
                                        Work.unattended("killed"),
                                        Measurements.none(),
                                        Clock.systemUTC(),
                                        null)
                                .run(ReindexPlan.of(List.of("t")));
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                });
                worker.start();
                OtherProcess.readyUntilEndOfInput();
            }
        }
    }

    @Test
    void whatAKilledAgentWasBuildingIsDroppedOnceNobodyBuildsIt() throws Exception {
        try (Planted db = new Planted()) {
            db.sql("create table t (id int primary key)", "create table mine (id int)");
            db.sql("create index mine_ccnew on mine (id)");
            assertThat(RebuildSweep.sweep(db.shore)).isEmpty();
            try (Connection old = db.connect();
                    Statement writer = old.createStatement()) {
                old.setAutoCommit(false);
                writer.execute("insert into t values (1)");
                try (OtherProcess agent =
                        OtherProcess.start(Rebuilding.class, db.shore.settings().url())) {
                    await().atMost(Duration.ofSeconds(20))
                            .until(() -> db.one(INVALID).equals("1"));
                    assertThat(db.one("select table_name || ': ' || what from watchkeeper.rebuilds"))
                            .isEqualTo("public.t: the rebuild of public.t_pkey");
                    // A living one is left alone.
                    assertThat(RebuildSweep.sweep(db.shore)).isEmpty();
                    agent.kill();
                }
                old.rollback();
            }
            await().atMost(Duration.ofSeconds(20)).until(() -> {
                new RebuildSweep(db.pools.all()).sweep();
                return db.one("select count(*) from watchkeeper.rebuilds").equals("0");
            });
            assertThat(db.one("select string_agg(relname, ',' order by relname) from pg_class where relkind = 'i'"
                            + " and relnamespace = 'public'::regnamespace"))
                    .isEqualTo("mine_ccnew,t_pkey");
            assertThat(db.one(INVALID)).isEqualTo("0");
        }
    }
}
