package io.watchkeeper.toolkit.verify;

import static io.watchkeeper.toolkit.verify.VerifyFleet.keys;
import static io.watchkeeper.toolkit.verify.VerifyFleet.plan;
import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.testing.StoppableWork;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows that are on their way to the target are no differences, and a difference is not taken for a row on its way. */
class RecheckTest {

    private final VerifyFleet fleet = new VerifyFleet();

    @BeforeEach
    void fill() {
        fleet.both("create table t (id int primary key, v int)");
        fleet.both("insert into t select i, 0 from generate_series(1, 2000) i; analyze t");
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    @Test
    void rowsThatArriveMeanwhileAreInFlight() throws Exception {
        fleet.on(
                "shore",
                "update t set v = 1 where id in (1, 2); insert into t values (5000, 1); delete from t where id = 3");
        fleet.on("ship", "update t set v = 9 where id = 1000");
        StoppableWork work = new StoppableWork("recheck");
        AtomicInteger rounds = new AtomicInteger();
        work.onProgress(p -> {
            if (p.stage().equals("recheck") && rounds.getAndIncrement() == 0) {
                fleet.on(
                        "ship",
                        "update t set v = 1 where id in (1, 2); insert into t values (5000, 1); delete from t where id = 3");
            }
        });

        VerifyResult result = new TableVerifier(fleet.shore(), fleet.ship(), work, null).verify(plan("t"));

        assertThat(result.inFlight()).isEqualTo(4);
        assertThat(keys(result)).containsExactly("different 1000");
    }

    @Test
    void aRealDifferenceIsFoundWhileAWriterChangesTheTable() throws Exception {
        fleet.on("ship", "delete from t where id = 77; update t set v = -1 where id = 78");
        AtomicBoolean stop = new AtomicBoolean();
        // Writes a row here, and the same row there a moment later, all the time, as a replication would.
        Thread writer = new Thread(() -> {
            for (int i = 0; !stop.get(); i++) {
                String sql = "update t set v = " + i + " where id between " + (100 + i % 20 * 10) + " and "
                        + (109 + i % 20 * 10);
                fleet.on("shore", sql);
                fleet.on("ship", sql);
            }
        });
        writer.start();
        try {
            for (int i = 0; i < 4; i++) {
                VerifyResult result = fleet.verify(plan("t").with(o -> o.withPatience(Duration.ofMillis(600))));
                assertThat(keys(result)).containsExactly("different 78", "missing 77");
            }
        } finally {
            stop.set(true);
            writer.join();
        }
    }

    @Test
    void aRowThatTheSourceKeepsChangingIsInFlight() throws Exception {
        StoppableWork work = new StoppableWork("changing");
        work.onProgress(p -> {
            if (p.stage().equals("recheck")) {
                fleet.on("shore", "update t set v = v + 1 where id = 5");
            }
        });
        fleet.on("shore", "update t set v = v + 1 where id = 5");

        VerifyResult result = new TableVerifier(fleet.shore(), fleet.ship(), work, null)
                .verify(plan("t").with(o -> o.withRechecks(1)));

        assertThat(result.isMatch()).isTrue();
        assertThat(result.inFlight()).isEqualTo(1);
    }

    @Test
    void rowsOfATableWithoutAKeyAreLookedAtAgain() throws Exception {
        fleet.both("create table k (a int); insert into k select i from generate_series(1, 100) i");
        fleet.on("shore", "insert into k values (7), (7)");
        fleet.on("ship", "insert into k values (500)");
        StoppableWork work = new StoppableWork("keyless");
        work.onProgress(p -> {
            if (p.stage().equals("recheck")) {
                fleet.on("ship", "insert into k values (7), (7)");
            }
        });

        VerifyResult result = new TableVerifier(fleet.shore(), fleet.ship(), work, null)
                .verify(plan("k").with(o -> o.withRechecks(1)));

        assertThat(result.inFlight()).isEqualTo(2);
        assertThat(result.differences()).isEqualTo(1);
        assertThat(result.differingKeys()).extracting(DifferingKey::kind).containsExactly(DifferenceKind.EXTRA);
    }

    @Test
    void rowsThatWereWrittenSinceTheLastSyncAreInFlight() throws Exception {
        fleet.on("shore", "update t set v = 1 where id = 1");
        String horizon = fleet.value("shore", "select pg_snapshot_xmin(pg_current_snapshot())");
        fleet.on("shore", "update t set v = 2 where id in (2, 3)");
        fleet.on("ship", "delete from t where id = 4");
        InFlight sync =
                (source, target, from, to, relations) -> Map.of(relations.get(0), "xmin::text::bigint >= " + horizon);

        VerifyResult result =
                new TableVerifier(fleet.shore(), fleet.ship(), VerifyFleet.WORK, null, sync).verify(plan("t"));

        assertThat(result.inFlight()).isEqualTo(2);
        assertThat(keys(result)).containsExactly("different 1", "missing 4");
    }

    @Test
    void countsAreTakenAgainWhileTheyDiffer() throws Exception {
        fleet.on("shore", "insert into t values (3000, 1)");
        VerifyPlan count =
                plan("t").with(o -> o.withBy(VerifyBy.COUNT).withRechecks(20).withPatience(Duration.ofSeconds(20)));
        Thread late = new Thread(() -> fleet.on("ship", "select pg_sleep(0.3); insert into t values (3000, 1)"));
        late.start();

        VerifyResult result = fleet.verify(count);

        late.join();
        assertThat(result.isMatch()).isTrue();
        assertThat(result.inFlight()).isEqualTo(1);
        assertThat(result.fields().get("differingKeys")).isNull();
        assertThat(List.of(result.rowsHere(), result.rowsThere())).containsExactly(2_001L, 2_001L);
    }
}
