package io.watchkeeper.toolkit.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.toolkit.copy.Fleet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rounds that go in several transactions. */
class SyncStepsTest {

    /** Every round with rows to bring is large. */
    private static final Largeness ALWAYS = new Largeness(1, 1);

    private Fleet fleet;

    @BeforeEach
    void makeTables() {
        fleet = new Fleet();
        fleet.both("create table t (id bigint primary key, v text, u int unique)");
        fleet.on("shore", "insert into t select g, 'v' || g, g from generate_series(1, 2000) g; analyze t");
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    private SyncResult sync(Largeness largeness, Work work, UnaryOperator<SyncOptions> change) throws SQLException {
        SyncPlan plan = SyncPlan.of(TableName.parse("t"))
                .with(options -> options.withPace(options.pace().withBatch(300L)))
                .with(change);
        return new TableSyncer(fleet.shore(), fleet.ship(), work, Duration.ofSeconds(1), largeness).sync(plan);
    }

    private SyncResult sync(Largeness largeness) throws SQLException {
        return sync(largeness, Fleet.WORK, options -> options);
    }

    private void assertSame() {
        assertThat(fleet.rows("ship", "select * from t order by id"))
                .isEqualTo(fleet.rows("shore", "select * from t order by id"));
        assertThat(fleet.value("ship", "select count(*) from watchkeeper.sync_steps"))
                .isEqualTo("0");
    }

    @Test
    void fillsAnEmptyTableInChunks() throws SQLException {
        SyncResult result = sync(ALWAYS);
        assertSame();
        assertThat(result.mode()).isEqualTo(SyncMode.FULL);
        assertThat(result.reason()).isEqualTo("first round");
        assertThat(result.rowsWritten()).isEqualTo(2000);
        assertThat(sync(ALWAYS).rowsWritten()).isZero();
    }

    @Test
    void bringsALargeBacklogInSteps() throws SQLException {
        sync(Largeness.NEVER);
        fleet.on(
                "shore",
                "update t set v = 'x' where id % 2 = 0; delete from t where id between 100 and 120;"
                        + " insert into t select g, 'new', g from generate_series(5001, 5500) g");
        SyncResult result = sync(ALWAYS);
        assertSame();
        assertThat(result.mode()).isEqualTo(SyncMode.XMIN);
        assertThat(result.chunks()).isGreaterThan(4);
        assertThat(result.rowsDeleted()).isEqualTo(21);
        assertThat(result.rowsWritten()).isEqualTo(1489);
        assertThat(result.localEdits()).isZero();
        assertThat(sync(Largeness.NEVER).localEdits()).isZero();
    }

    @Test
    void comparesAllRowsInSteps() throws SQLException {
        sync(Largeness.NEVER);
        fleet.on(
                "ship",
                "update t set v = 'mine' where id % 100 = 0; delete from t where id = 77; insert into t values (9999, 'ghost', 9999)");
        SyncResult result = sync(ALWAYS, Fleet.WORK, options -> options.withMode(SyncMode.FULL));
        assertSame();
        assertThat(result.chunks()).isGreaterThan(4);
        assertThat(result.rowsWritten()).isEqualTo(21);
    }

    @Test
    void goesOnWhereItWasInterrupted() throws SQLException {
        sync(Largeness.NEVER);
        fleet.on("shore", "update t set v = 'x'");
        assertThatThrownBy(() -> sync(ALWAYS, new StoppedBetweenSteps(fleet, 3), options -> options))
                .isInstanceOf(WorkCancelledException.class);
        int before = Integer.parseInt(fleet.value("ship", "select steps from watchkeeper.sync_steps"));
        assertThat(before).isBetween(3, 5);
        fleet.on("shore", "update t set v = 'later' where id <= 10");
        SyncResult result = sync(Largeness.USUAL);
        assertSame();
        assertThat(result.notes()).anyMatch(note -> note.contains(before + " steps were in"));
        assertThat(result.localEdits()).isZero();
    }

    @Test
    void forgetsStepsThatNobodyWentOnWith() throws SQLException {
        sync(Largeness.NEVER);
        fleet.on("shore", "update t set v = 'x'");
        assertThatThrownBy(() -> sync(ALWAYS, new StoppedBetweenSteps(fleet, 3), options -> options))
                .isInstanceOf(WorkCancelledException.class);
        SyncSweep.sweep(fleet.ship());
        assertThat(fleet.value("ship", "select count(*) from watchkeeper.sync_steps"))
                .isEqualTo("1");
        fleet.on("ship", "update watchkeeper.sync_steps set started_at = now() - interval '8 days'");
        assertThatThrownBy(() -> sync(ALWAYS, new StoppedBetweenSteps(fleet, 5), options -> options))
                .isInstanceOf(WorkCancelledException.class);
        SyncSweep.sweep(fleet.ship());
        assertThat(fleet.value("ship", "select count(*) from watchkeeper.sync_steps"))
                .as("begun long ago, and gone on with")
                .isEqualTo("1");
        fleet.on("ship", "update watchkeeper.sync_steps set started_at = now() - interval '8 days'");
        SyncSweep.sweep(fleet.ship());
        assertThat(fleet.value("ship", "select count(*) from watchkeeper.sync_steps"))
                .isEqualTo("0");
        assertThat(sync(Largeness.NEVER).localEdits()).isZero();
        assertSame();
        fleet.on("ship", "drop table t");
        SyncSweep.sweep(fleet.ship());
        assertThat(fleet.value("ship", "select count(*) from watchkeeper.sync_leaves"))
                .isEqualTo("0");
    }

    @Test
    void fallsBackToOneTransactionWhenRowsOfTwoStepsAreInEachOthersWay() throws SQLException {
        sync(Largeness.NEVER);
        fleet.on(
                "shore",
                "update t set u = -u where id in (1, 1999); update t set u = 1999 where id = 1;"
                        + " update t set u = 1 where id = 1999; update t set v = 'x'");
        SyncResult result = sync(ALWAYS);
        assertSame();
        assertThat(result.localEdits()).isZero();
    }

    private SyncSetResult syncSet(SyncSetPlan plan) throws SQLException {
        SyncSetResult result =
                new TableSetSyncer(fleet.shore(), fleet.ship(), Fleet.WORK, ALWAYS, SyncRound.PATIENCE).sync(plan);
        assertThat(result.failures()).isEmpty();
        assertThat(result.results()).hasSize(2);
        return result;
    }

    @Test
    void takesTheLargeTablesOfASetInStepsFirst() throws SQLException {
        fleet.both("create table c (id int primary key, t bigint)");
        fleet.on("shore", "insert into c select g, g from generate_series(1, 500) g; analyze c");
        SyncSetPlan plan = SyncSetPlan.of(List.of("public.*"), List.of());
        SyncSetResult result = syncSet(plan);
        assertThat(result.results()).allMatch(one -> one.chunks() > 1);
        assertSame();
        assertThat(fleet.value("ship", "select count(*) from c")).isEqualTo("500");
    }

    /** In steps, rows would be aboard for as long as the link is down that refer to nothing there. */
    @Test
    void doesNotDivideTablesThatBelongTogether() throws SQLException {
        fleet.both("create table c (id int primary key, t bigint references t)");
        fleet.on("shore", "insert into c select g, g from generate_series(1, 500) g; analyze c");
        SyncSetPlan plan = SyncSetPlan.of(List.of("public.*"), List.of());
        assertThat(syncSet(plan).results()).allMatch(one -> one.chunks() == 1);
        assertSame();
        fleet.both("alter table c drop constraint c_t_fkey");
        fleet.on("shore", "update t set v = 'x'; update c set t = t + 1");
        SyncSetPlan oneView = new SyncSetPlan(List.of("public.*"), List.of(), SyncOptions.DEFAULT, true);
        assertThat(syncSet(oneView).results()).allMatch(one -> one.chunks() == 1);
        assertSame();
    }

    /** Steps of a round of the table alone are not gone on with, or two views of the source would be aboard. */
    @Test
    void forgetsStepsOfATableThatBelongsToOthersNow() throws SQLException {
        sync(Largeness.NEVER);
        fleet.on("shore", "update t set v = 'x'");
        assertThatThrownBy(() -> sync(ALWAYS, new StoppedBetweenSteps(fleet, 3), options -> options))
                .isInstanceOf(WorkCancelledException.class);
        fleet.both("create table c (id int primary key, t bigint references t)");
        fleet.on("shore", "insert into c select g, g from generate_series(1, 500) g; analyze c");
        SyncSetResult result = syncSet(SyncSetPlan.of(List.of("public.*"), List.of()));
        assertThat(result.results()).allMatch(one -> one.chunks() == 1).allMatch(one -> one.localEdits() == 0);
        assertSame();
    }

    @Test
    void comparesAllRowsOnce() throws SQLException {
        UnaryOperator<SyncOptions> hybrid =
                options -> options.withMode(SyncMode.HYBRID).withWatermark("at");
        fleet.both("alter table t add column at timestamptz not null default now()");
        sync(Largeness.NEVER, Fleet.WORK, hybrid);
        fleet.on("ship", "update watchkeeper.sync_tables set verified_at = now() - interval '2 days'");
        fleet.on("ship", "update t set v = 'mine' where id % 100 = 0; delete from t where id = 77");
        SyncResult result = sync(ALWAYS, Fleet.WORK, hybrid);
        assertSame();
        assertThat(result.mode()).isEqualTo(SyncMode.FULL);
        assertThat(fleet.value("ship", "select mode from watchkeeper.sync_tables"))
                .as("what was left for one transaction")
                .isEqualTo("xmin");
        fleet.on("ship", "update t set v = 'mine' where id = 1; delete from t where id = 2");
        assertThat(sync(ALWAYS, Fleet.WORK, hybrid).mode()).isEqualTo(SyncMode.TIMESTAMP);
        assertSame();
    }
}
