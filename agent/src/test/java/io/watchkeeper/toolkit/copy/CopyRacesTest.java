package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.TestServers;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tables that others lock, drop and alter while they are copied. */
class CopyRacesTest {

    private static final String WAITING =
            "select count(*) from pg_locks where not granted and relation = 't'::regclass";

    private Fleet fleet;

    @BeforeEach
    void open() {
        fleet = new Fleet();
        fleet.both("create table t (id int, n int)");
        fleet.on("shore", "insert into t values (1, 10)");
        fleet.on("ship", "insert into t values (9, 90)");
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    @Test
    void readersQueueBehindAWaitingCopyNoLongerThanItWaits() throws Exception {
        try (Connection holder = TestServers.connect(fleet.login("ship"));
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("select * from t");
            CompletableFuture<CopyResult> copy = copying();
            await().until(() -> fleet.value("ship", WAITING).equals("1"));

            long start = System.nanoTime();
            assertThat(fleet.rows("ship", "table t")).containsExactly("9|90");

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(7));
            assertThatThrownBy(copy::join)
                    .hasCauseInstanceOf(OperatorException.class)
                    .hasMessageContaining("public.t in database 'ship' is locked: public.t by pid");
        }
    }

    @Test
    void aSourceDroppedAfterItWasPlannedIsNamed() throws Exception {
        assertThatThrownBy(() -> copyWhile("shore", "drop table t"))
                .hasCauseInstanceOf(OperatorException.class)
                .hasMessageContaining("public.t in database 'shore' was dropped after its copy was planned");
        assertUntouched();
    }

    @Test
    void aTargetDroppedAfterItWasPlannedIsNamed() throws Exception {
        assertThatThrownBy(() -> copyWhile("ship", "drop table t"))
                .hasCauseInstanceOf(OperatorException.class)
                .hasMessageContaining("relation \"public.t\" does not exist");
    }

    @Test
    void aSourceThatGotAColumnAfterItWasPlannedIsPlannedAgain() throws Exception {
        assertThatThrownBy(() -> copyWhile("shore", "alter table t add column more int default 5"))
                .hasCauseInstanceOf(OperatorException.class)
                .hasMessageContaining("public.t in database 'shore' was changed after its copy was planned");
        assertUntouched();

        fleet.on("ship", "alter table t add column more int");
        fleet.copy("t");
        assertThat(fleet.rows("ship", "table t")).containsExactly("1|10|5");
    }

    @Test
    void aColumnThatChangedItsTypeAfterItWasPlannedIsNotReadInTheOldTypesForm() throws Exception {
        assertThatThrownBy(() -> copyWhile("shore", "alter table t alter n type date using date '2026-01-01' + n"))
                .hasMessageContaining("public.t in database 'shore' was changed");
        assertUntouched();
        fleet.on("shore", "drop table t; create table t (id int, n int); insert into t values (1, 10)");
        assertThatThrownBy(() -> copyWhile("ship", "alter table t alter n type date using date '2026-01-01' + n"))
                .hasMessageContaining("public.t in database 'ship' was changed");
        assertThat(fleet.rows("ship", "table t")).containsExactly("9|2026-04-01");
    }

    /** Has the change wait for its commit until the copy waits for the change's lock. */
    private CopyResult copyWhile(String side, String change) throws SQLException {
        try (Connection other = TestServers.connect(fleet.login(side));
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute(change);
            CompletableFuture<CopyResult> copy = copying();
            String waiting = "select count(*) from pg_locks l join pg_stat_activity a using (pid)"
                    + " where not granted and a.datname = current_database() and a.application_name = '"
                    + Fleet.WORK.applicationName() + "'";
            await().until(() -> fleet.value(side, waiting).equals("1"));
            other.commit();
            return copy.join();
        }
    }

    private CompletableFuture<CopyResult> copying() {
        return CompletableFuture.supplyAsync(() -> {
            try {
                // Nothing but the check of the plan itself stands in the way of a wrong value.
                return fleet.copy(CopyPlan.of(TableName.parse("t")).with(o -> o.withVerify(false)));
            } catch (SQLException e) {
                throw new CompletionException(e);
            }
        });
    }

    private void assertUntouched() {
        assertThat(fleet.rows("ship", "select id, n from t")).containsExactly("9|90");
    }
}
