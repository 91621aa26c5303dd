package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Bytes;
import java.sql.Connection;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class CopySweepTest {

    private static final TableName T = TableName.parse("public.t");
    private static final Instant START = Instant.parse("2026-11-01T00:00:00Z");

    private final Fleet fleet = new Fleet();

    @BeforeEach
    void fill() {
        fleet.both("create table t (id int primary key, filler text)");
        fleet.on("shore", "insert into t select i, repeat('x', 500) from generate_series(1, 1000) i; analyze t");
        fleet.on("ship", "insert into t values (-1, 'old')");
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    @Test
    void dropsTheHalfFilledTableOfACopyThatIsNotGoneOnWith() throws Exception {
        interrupt(false);

        assertThat(CopySweep.sweep(fleet.ship())).isTrue();

        assertNothingLeft();
        assertThat(fleet.rows("ship", "select id from t")).containsExactly("-1");
    }

    @Test
    void keepsWhatCanBeGoneOnWithForSevenDays() throws Exception {
        interrupt(true);
        fleet.on("ship", "update watchkeeper.copies set started_at = now() - interval '6 days 23 hours'");

        CopySweep.sweep(fleet.ship());
        assertThat(standIns()).hasSize(1);

        fleet.on("ship", "update watchkeeper.copies set started_at = now() - interval '7 days 1 hour'");
        CopySweep.sweep(fleet.ship());
        assertThat(standIns()).as("begun long ago, and gone on with").hasSize(1);

        fleet.on(
                "ship",
                "update watchkeeper.copy_chunks set done_at = now() - interval '7 days 1 hour' where done_at is not null");
        CopySweep.sweep(fleet.ship());
        assertNothingLeft();
    }

    @Test
    void leavesARunningCopyAlone() throws Exception {
        interrupt(false);
        try (Session running = fleet.ship().open(Fleet.WORK)) {
            CopyLedger.take(running, T);

            CopySweep.sweep(fleet.ship());
            assertThat(standIns()).hasSize(1);
            assertThat(fleet.rows("ship", "select * from watchkeeper.copies")).hasSize(1);
        }
        CopySweep.sweep(fleet.ship());
        assertNothingLeft();
    }

    @Test
    void dropsItAlsoWhereTheTableItWasMadeForIsGone() throws Exception {
        interrupt(false);
        fleet.on("ship", "drop table t");

        CopySweep.sweep(fleet.ship());

        assertNothingLeft();
    }

    @Test
    void aHalfFilledTableThatSomebodyReadsIsDroppedTheNextTime() throws Exception {
        interrupt(false);
        try (Connection reader = TestServers.connect(fleet.login("ship"))) {
            reader.setAutoCommit(false);
            reader.createStatement().execute("select from public." + standIns().get(0));

            CopySweep.sweep(fleet.ship());
            assertThat(standIns()).hasSize(1);
            assertThat(fleet.rows("ship", "select * from watchkeeper.copies")).hasSize(1);
        }
        CopySweep.sweep(fleet.ship());
        assertNothingLeft();
    }

    @Test
    void makesNothingWhereNoCopyHasLeftARecord() throws Exception {
        CopySweep.sweep(fleet.ship());

        assertThat(fleet.rows("ship", "select to_regnamespace('watchkeeper')")).containsExactly("null");
    }

    @Test
    void eachDatabaseIsSweptEverySixHours() throws Exception {
        Now now = new Now();
        CopySweep sweep = new CopySweep(List.of(fleet.shore(), fleet.ship()), now.clock());
        sweep.sweepDue();
        interrupt(false);

        now.at = START.plusSeconds(3600 * 6 - 1);
        sweep.sweepDue();
        assertThat(standIns()).hasSize(1);

        now.at = START.plusSeconds(3600 * 6);
        sweep.sweepDue();
        assertNothingLeft();
    }

    @Test
    @Tag("campaign")
    void anUnreachableDatabaseStopsNothingAndIsTriedAgain() throws Exception {
        interrupt(false);
        try (LocalServer own = TestServers.own(Map.of())) {
            DatabaseSettings away = TestServers.settings("away", own, TestServers.freshDatabase(own));
            Now now = new Now();
            try (DatabasePools pools = new DatabasePools(List.of(away));
                    Fleet other = new Fleet(TestServers.shore(), own)) {
                own.crash();
                CopySweep sweep =
                        new CopySweep(List.of(pools.database("away"), other.ship(), fleet.ship()), now.clock());

                assertThatCode(sweep::sweepDue).doesNotThrowAnyException();
                assertNothingLeft();

                own.start();
                other.both("create table t (id int primary key, filler text)");
                other.on("shore", "insert into t select i, repeat('x', 500) from generate_series(1, 1000) i");
                interrupt(other, false);
                now.at = START.plusSeconds(3600);
                sweep.sweepDue();
                assertThat(other.rows("ship", "select * from watchkeeper.copies"))
                        .isEmpty();
            }
        }
    }

    /** Leaves what a killed agent leaves: a record, and a table with some chunks. */
    private void interrupt(boolean resumable) {
        interrupt(fleet, resumable);
    }

    private static void interrupt(Fleet fleet, boolean resumable) {
        CopyPlan swap = CopyPlan.of(T)
                .with(o -> o.withResume(resumable)
                        .withStrategy(CopyStrategy.SWAP)
                        .withPace(Pace.FREE.withBatch(100L).withWorkers(1).withRateLimit(Bytes.kilobytes(500))));
        StoppableWork work = new StoppableWork("interrupted");
        work.onProgress(p -> {
            if (p.rows() > 300) {
                work.stop();
            }
        });
        assertThatThrownBy(() -> fleet.copy(swap, work)).isInstanceOf(WorkCancelledException.class);
        assertThat(fleet.rows("ship", "select relname from pg_class where relname ~ '^watchkeeper_swap_[0-9]+$'"))
                .hasSize(1);
    }

    private List<String> standIns() {
        return fleet.rows("ship", "select relname from pg_class where relname ~ '^watchkeeper_swap_[0-9]+$'");
    }

    private void assertNothingLeft() {
        assertThat(standIns()).isEmpty();
        assertThat(fleet.rows("ship", "select * from watchkeeper.copies")).isEmpty();
        assertThat(fleet.rows("ship", "select * from watchkeeper.copy_chunks")).isEmpty();
    }

    private static final class Now {
        private Instant at = START;

        Clock clock() {
            return new Clock() {
                @Override
                public ZoneOffset getZone() {
                    return ZoneOffset.UTC;
                }

                @Override
                public Clock withZone(java.time.ZoneId zone) {
                    return this;
                }

                @Override
                public Instant instant() {
                    return at;
                }
            };
        }
    }
}
