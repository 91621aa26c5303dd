package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Bytes;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What happens to the target when something goes wrong in the middle: nothing. */
class CopyFaultsTest {

    /** About 2 MB; at the rate limit below the copy takes two seconds, so that there is a middle. */
    private static final String FILL = "insert into t select i, repeat('x', 1000) from generate_series(1, 2000) i";

    private static final CopyPlan SLOW =
            CopyPlan.of(TableName.parse("t")).with(o -> o.withPace(Pace.FREE.withRateLimit(Bytes.megabytes(1))));

    @Test
    void stopsInTheMiddleWhenTheWorkIsToldTo() {
        try (Fleet fleet = filled(new Fleet())) {
            StoppableWork work = new StoppableWork("stopped copy");
            inTheMiddle(work, work::stop);

            long start = System.nanoTime();
            assertThatThrownBy(() -> fleet.copy(SLOW, work)).isInstanceOf(WorkCancelledException.class);

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
            assertUnchanged(fleet);
            for (String side : new String[] {"shore", "ship"}) {
                await().untilAsserted(() -> assertThat(fleet.rows(
                                side, "select query from pg_stat_activity where application_name = 'stopped copy'"))
                        .isEmpty());
            }
        }
    }

    @Test
    void aSourceThatCrashesLeavesTheTargetAsItWas() {
        try (LocalServer shore = TestServers.own(Map.of());
                Fleet fleet = filled(new Fleet(shore, TestServers.ship()))) {
            StoppableWork work = new StoppableWork("crash");
            inTheMiddle(work, shore::crash);

            assertRetryable(catchThrowable(() -> fleet.copy(SLOW, work)));
            assertUnchanged(fleet);
        }
    }

    @Test
    void aTargetThatCrashesIsAsItWasWhenItIsBackAndTheNextCopyWorks() throws Exception {
        try (LocalServer ship = TestServers.own(Map.of());
                Fleet fleet = filled(new Fleet(TestServers.shore(), ship))) {
            StoppableWork work = new StoppableWork("crash");
            inTheMiddle(work, ship::crash);

            assertRetryable(catchThrowable(() -> fleet.copy(SLOW, work)));
            ship.start();
            assertUnchanged(fleet);

            assertThat(fleet.copy("t").rowsWritten()).isEqualTo(2000);
        }
    }

    @Test
    void aLostConnectionOnEitherSideLeavesTheTargetAsItWas() throws Exception {
        try (Fleet fleet = filled(new Fleet())) {
            for (String side : new String[] {"shore", "ship"}) {
                StoppableWork work = new StoppableWork("cut " + side);
                inTheMiddle(
                        work,
                        () -> fleet.on(
                                side,
                                "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cut "
                                        + side + "'"));

                Throwable failure = catchThrowable(() -> fleet.copy(SLOW, work));
                assertRetryable(failure);
                assertThat(failure)
                        .hasMessageContaining("from 'shore' to 'ship' failed, the target was left as it was");
                assertUnchanged(fleet);
            }
            assertThat(fleet.copy("t").rowsWritten()).isEqualTo(2000);
        }
    }

    @Test
    void aLockedTargetIsWaitedForBrieflyAndNooneQueuesBehind() throws Exception {
        try (Fleet fleet = filled(new Fleet());
                Connection other = TestServers.connect(fleet.login("ship"));
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("set application_name = 'someone else'; select * from t");

            long start = System.nanoTime();
            assertThatThrownBy(() -> fleet.copy("t")).isInstanceOfSatisfying(OperatorException.class, e -> {
                assertThat(e).hasMessageContaining("public.t in database 'ship' is locked: public.t by pid");
                assertThat(e).hasMessageContaining("'someone else', idle in transaction for");
                assertThat(e.hint()).contains("pg_terminate_backend");
                assertThat(FailureClass.of(e)).isEqualTo(FailureClass.RETRYABLE);
            });

            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofSeconds(4), Duration.ofSeconds(9));
            assertThat(fleet.rows(
                            "ship",
                            "select 1 from pg_locks where not granted and database = (select oid from pg_database"
                                    + " where datname = current_database())"))
                    .isEmpty();
        }
    }

    @Test
    void aLockedSourceIsWaitedForBrieflyToo() throws Exception {
        try (Fleet fleet = filled(new Fleet());
                Connection other = TestServers.connect(fleet.login("shore"));
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("lock table t in access exclusive mode");

            assertThatThrownBy(() -> fleet.copy("t"))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("public.t in database 'shore' is locked");
            assertUnchanged(fleet);
        }
    }

    @Test
    void statementsEndOnTheServerWhenTheDeadlineHasPassed() {
        try (Fleet fleet = filled(new Fleet())) {
            StoppableWork work = new StoppableWork("late").timeLeft(Duration.ofMillis(-1500));

            Throwable failure = catchThrowable(() -> fleet.copy(SLOW, work));

            assertThat(FailureClass.sqlState(failure)).contains("57014");
            assertUnchanged(fleet);
        }
    }

    @Test
    void rowsWrittenMeanwhileBelongToTheNextCopy() throws Exception {
        try (Fleet fleet = filled(new Fleet())) {
            StoppableWork work = new StoppableWork("meanwhile");
            inTheMiddle(
                    work,
                    () -> fleet.on(
                            "shore",
                            "delete from t where id <= 1000; update t set doc = 'changed' where id > 1500;"
                                    + " insert into t select i, 'new' from generate_series(5001, 5100) i"));

            CopyResult result = fleet.copy(SLOW, work);

            assertThat(result.verified()).isTrue();
            assertThat(result.rowsWritten()).isEqualTo(2000);
            assertThat(fleet.value("ship", "select count(*) from t where length(doc) = 1000"))
                    .isEqualTo("2000");
            assertThat(fleet.copy("t").rowsWritten()).isEqualTo(1100);
        }
    }

    private static Fleet filled(Fleet fleet) {
        fleet.both("create table t (id int, doc text)");
        fleet.on("shore", FILL);
        fleet.on("ship", "insert into t values (7, 'before')");
        return fleet;
    }

    /** Does it once, when the first rows have gone. */
    static void inTheMiddle(StoppableWork work, Runnable action) {
        AtomicBoolean done = new AtomicBoolean();
        work.onProgress(progress -> {
            if (progress.bytes() > 300_000 && !done.getAndSet(true)) {
                action.run();
            }
        });
    }

    private static void assertUnchanged(Fleet fleet) {
        assertThat(fleet.rows("ship", "select * from t")).containsExactly("7|before");
    }

    private static void assertRetryable(Throwable failure) {
        assertThat(failure).isInstanceOf(OperatorException.class);
        assertThat(FailureClass.of(failure)).isEqualTo(FailureClass.RETRYABLE);
    }
}
