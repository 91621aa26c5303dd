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
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is left of a copy by the target's server that goes wrong in the middle: nothing, on either side. */
class FdwFaultsTest {

    /** The source works for about a minute on it: the functions are built in, so that it evaluates them. */
    private static final CopyPlan SLOW = CopyPlan.of(TableName.parse("t"))
            .with(o -> o.withMethod(CopyMethod.FDW).withWhere("md5(repeat(doc, 20000000)) <> ''"));

    private Fleet fleet;

    @BeforeEach
    void open() {
        fleet = new Fleet();
        fleet.both("create table t (id int, doc text)");
        fleet.on("shore", "insert into t select i, 'x' from generate_series(1, 1000) i; analyze t");
        fleet.on("ship", "create extension postgres_fdw; insert into t values (7, 'before')");
    }

    @AfterEach
    void close() {
        assertThat(fleet.rows("ship", "select * from t")).containsExactly("7|before");
        FdwCopyTest.assertNothingLeft(fleet);
        fleet.close();
    }

    private static String busyWith(String name, String query) {
        return "select pid from pg_stat_activity where application_name = '" + name + "' and query like '" + query
                + "%' and state = 'active'";
    }

    private void whenTheSourceWorks(String name, Runnable action) {
        new Thread(() -> {
                    await().until(() ->
                            !fleet.rows("shore", busyWith(name, "FETCH")).isEmpty());
                    action.run();
                })
                .start();
    }

    private void assertGone(String name) {
        for (String side : new String[] {"shore", "ship"}) {
            await().untilAsserted(() -> assertThat(fleet.rows(
                            side,
                            "select query from pg_stat_activity where application_name = '" + name
                                    + "' and backend_type = 'client backend' and state <> 'idle'"))
                    .isEmpty());
        }
    }

    @Test
    void stoppingTheWorkEndsTheSourcesQueryToo() {
        StoppableWork work = new StoppableWork("fdw stopped");
        whenTheSourceWorks("fdw stopped", work::stop);

        assertThatThrownBy(() -> fleet.copy(SLOW, work)).isInstanceOf(WorkCancelledException.class);

        assertGone("fdw stopped");
    }

    @Test
    void aTargetSessionThatIsKilledTakesTheSourcesWithIt() {
        whenTheSourceWorks("fdw killed", () -> fleet.on("ship", """
                select pg_terminate_backend(pid) from pg_stat_activity
                 where application_name = 'fdw killed' and query like 'INSERT%'"""));

        Throwable failure = catchThrowable(() -> fleet.copy(SLOW, new StoppableWork("fdw killed")));

        assertThat(failure).isInstanceOf(OperatorException.class).hasMessageContaining("the target was left as it was");
        assertGone("fdw killed");
    }

    @Test
    void aLostConnectionToTheSourceIsWorthAnotherAttempt() {
        whenTheSourceWorks("fdw cut", () -> fleet.on("shore", """
                select pg_terminate_backend(pid) from pg_stat_activity
                 where application_name = 'fdw cut' and query like 'FETCH%'"""));

        Throwable failure = catchThrowable(() -> fleet.copy(SLOW, new StoppableWork("fdw cut")));

        assertThat(failure).isInstanceOf(OperatorException.class);
        assertThat(FailureClass.of(failure)).isEqualTo(FailureClass.RETRYABLE);
        assertGone("fdw cut");
    }

    @Test
    void aTargetThatLosesItsPowerHasNothingOfItWhenItIsBack() {
        try (LocalServer ship = TestServers.own(Map.of());
                Fleet crashing = new Fleet(TestServers.shore(), ship)) {
            crashing.both("create table t (id int, doc text)");
            crashing.on("shore", "insert into t select i, 'x' from generate_series(1, 1000) i");
            crashing.on("ship", "create extension postgres_fdw; insert into t values (7, 'before')");
            whenTheSourceWorks("fdw crashed", ship::crash);

            Throwable failure = catchThrowable(() -> crashing.copy(SLOW, new StoppableWork("fdw crashed")));

            assertThat(FailureClass.of(failure)).isEqualTo(FailureClass.RETRYABLE);
            ship.start();
            assertThat(crashing.rows("ship", "select * from t")).containsExactly("7|before");
            FdwCopyTest.assertNothingLeft(crashing);
        }
    }

    @Test
    void aRowThatTheTargetRefusesLeavesNothing() {
        fleet.on("ship", "alter table t add constraint low check (id < 900)");

        assertThatThrownBy(() -> fleet.copy(SLOW.with(o -> o.withWhere(null))))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("violates check constraint \"low\"");
    }
}
