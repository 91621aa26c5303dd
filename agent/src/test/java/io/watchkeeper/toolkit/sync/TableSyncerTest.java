package io.watchkeeper.toolkit.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.Fleet;
import io.watchkeeper.units.Ratio;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TableSyncerTest {

    private static final String ALL = "select * from t order by id";

    private Fleet fleet;

    @BeforeEach
    void makeTables() {
        fleet = new Fleet();
        fleet.both("create table t (id bigint primary key, v text, n int, updated_at timestamptz default now())");
        fleet.on("shore", "insert into t (id, v, n) select g, 'v' || g, g from generate_series(1, 1000) g");
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    private SyncResult sync() throws SQLException {
        return sync(options -> options);
    }

    private SyncResult sync(UnaryOperator<SyncOptions> change) throws SQLException {
        return new TableSyncer(fleet.shore(), fleet.ship(), Fleet.WORK, Duration.ofSeconds(1))
                .sync(SyncPlan.of(TableName.parse("t")).with(change));
    }

    private void assertSame() {
        assertThat(fleet.rows("ship", ALL)).isEqualTo(fleet.rows("shore", ALL));
    }

    @Test
    void bringsEverythingInTheFirstRound() throws SQLException {
        SyncResult result = sync();
        assertSame();
        assertThat(result.mode()).isEqualTo(SyncMode.FULL);
        assertThat(result.reason()).isEqualTo("first round");
        assertThat(result.rowsWritten()).isEqualTo(1000);
        assertThat(result.verified()).isTrue();
    }

    @Test
    void bringsChangesAndDeletionsByTheHorizon() throws SQLException {
        sync();
        fleet.on("shore", "insert into t (id, v) select g, 'new' from generate_series(2001, 2010) g");
        fleet.on("shore", "update t set v = 'changed' where id <= 20");
        fleet.on("shore", "delete from t where id between 500 and 504");
        SyncResult result = sync();
        assertSame();
        assertThat(result.mode()).isEqualTo(SyncMode.XMIN);
        assertThat(result.rowsRead()).isBetween(30L, 100L);
        assertThat(result.rowsWritten()).isEqualTo(30);
        assertThat(result.rowsDeleted()).isEqualTo(5);
        result = sync();
        assertThat(result.rowsWritten()).isZero();
        assertThat(result.rowsDeleted()).isZero();
        assertThat(result.notes()).isEmpty();
    }

    @Test
    void findsDeletionsThatInsertionsMakeUpFor() throws SQLException {
        sync();
        fleet.on(
                "shore",
                "delete from t where id <= 10; insert into t (id) select g from generate_series(3001, 3010) g");
        SyncResult result = sync();
        assertSame();
        assertThat(result.rowsDeleted()).isEqualTo(10);
    }

    @Test
    void keepsGoneRowsWhereDeletesAreOff() throws SQLException {
        sync();
        fleet.on("shore", "delete from t where id <= 10; update t set v = 'x' where id = 11");
        SyncResult result = sync(options -> options.withDeletes(false));
        assertThat(result.rowsDeleted()).isZero();
        assertThat(result.rowsWritten()).isEqualTo(1);
        assertThat(fleet.value("ship", "select count(*) from t")).isEqualTo("1000");
    }

    @Test
    void findsDeletionsThatAnEarlierRoundWasToldToLeave() throws SQLException {
        sync();
        fleet.on("shore", "delete from t where id <= 10");
        sync(options -> options.withDeletes(false));
        assertThat(sync().rowsDeleted()).isEqualTo(10);
        assertSame();
    }

    @Test
    void stopsBeforeItDeletesMoreThanTheBrakeAllows() throws SQLException {
        sync();
        fleet.on("shore", "delete from t where id <= 300; update t set v = 'x' where id = 999");
        assertThatThrownBy(this::sync)
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("300 of the 1000 rows")
                .extracting(e -> ((OperatorException) e).hint())
                .asString()
                .contains("maxDeletes 100.percent");
        assertThat(fleet.value("ship", "select v from t where id = 999")).isEqualTo("v999");
        sync(options -> options.withMaxDeletes(MaxDeletes.of(Ratio.percent(100))));
        assertSame();
    }

    @Test
    void makesLocalEditsAsTheSourceHasThem() throws SQLException {
        sync();
        fleet.on(
                "ship",
                "update t set v = 'mine' where id = 5; delete from t where id = 6; insert into t (id) values (7777)");
        SyncResult result = sync();
        assertSame();
        assertThat(result.localEdits()).isEqualTo(2);
        assertThat(result.notes()).anyMatch(note -> note.contains("written by others"));
        assertThat(sync().localEdits()).isZero();
    }

    @Test
    void findsLocalEditsThatMoveNoCount() throws SQLException {
        sync();
        fleet.on("ship", "delete from t where id = 6; insert into t (id) values (7777)");
        fleet.on("shore", "update t set v = 'x' where id = 1");
        sync();
        assertSame();
    }

    @Test
    void findsADeletionOnEachSide() throws SQLException {
        sync();
        fleet.on("ship", "delete from t where id = 6");
        fleet.on("shore", "delete from t where id = 7");
        sync();
        assertSame();
    }

    @Test
    void failsOnLocalEditsWhereThatIsAskedFor() throws SQLException {
        sync();
        fleet.on("ship", "update t set v = 'mine' where id = 5");
        fleet.on("shore", "update t set v = 'x' where id = 6");
        assertThatThrownBy(() -> sync(options -> options.withLocalEdits(LocalEdits.FAIL)))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("(id) = (5)");
        assertThat(fleet.value("ship", "select v from t where id = 6")).isEqualTo("v6");
    }

    /** Where nearly every bucket has one of them, all rows are looked at. */
    @Test
    void keepsVeryManyLocalEdits() throws SQLException {
        UnaryOperator<SyncOptions> keep = options -> options.withLocalEdits(LocalEdits.KEEP);
        fleet.both("create table many (id int primary key, n int) with (autovacuum_enabled = false)");
        fleet.both("insert into many select g, 0 from generate_series(1, 300000) g");
        SyncPlan plan = SyncPlan.of(TableName.parse("many")).with(keep);
        TableSyncer syncer = new TableSyncer(fleet.shore(), fleet.ship(), Fleet.WORK);
        syncer.sync(plan);
        fleet.on("ship", "update many set n = 1");
        fleet.on("shore", "update many set n = 2 where id = 5");
        // Buckets are made for so many rows: more have an edited row than any list may be long.
        fleet.on("shore", "update pg_class set reltuples = 8000000 where oid = 'many'::regclass");

        SyncResult result = syncer.sync(plan);

        assertThat(result.localEdits()).isEqualTo(300_000);
        assertThat(fleet.value("ship", "select count(*) from many where n = 1")).isEqualTo("300000");
    }

    @Test
    void keepsLocalEditsUntilTheyAreTheSame() throws SQLException {
        UnaryOperator<SyncOptions> keep = options -> options.withLocalEdits(LocalEdits.KEEP);
        sync(keep);
        fleet.on("ship", "update t set v = 'mine' where id = 5; insert into t (id, v) values (7777, 'mine')");
        fleet.on("shore", "update t set v = 'theirs' where id in (5, 6)");
        SyncResult result = sync(keep);
        assertThat(result.kept()).isEqualTo(2);
        assertThat(fleet.rows("ship", "select id, v from t where id in (5, 6, 7777) order by id"))
                .containsExactly("5|mine", "6|theirs", "7777|mine");
        fleet.on("shore", "update t set v = 'later' where id = 5; delete from t where id = 9");
        result = sync(keep);
        assertThat(result.kept()).isEqualTo(2);
        assertThat(result.rowsDeleted()).isEqualTo(1);
        fleet.on("shore", "update t set v = 'mine' where id = 5");
        fleet.on("ship", "update t set updated_at = '2026-01-01 00:00:00Z' where id = 5");
        fleet.on("shore", "update t set updated_at = '2026-01-01 00:00:00Z' where id = 5");
        fleet.on("ship", "delete from t where id = 7777");
        result = sync(keep);
        assertThat(result.kept()).isZero();
        assertSame();
    }

    @Test
    void tellsTextsThatHoldTheHashsOwnSeparatorsApart() throws SQLException {
        fleet.both("create table u (id int primary key, a text, b text)");
        fleet.on("shore", "insert into u values (1, E'a\\x1fb', 'c'), (2, E'\\x1e', 'c')");
        fleet.on("ship", "insert into u values (1, 'a', E'b\\x1fc'), (2, null, 'c')");
        new TableSyncer(fleet.shore(), fleet.ship(), Fleet.WORK).sync(SyncPlan.of(TableName.parse("u")));
        assertThat(fleet.rows("ship", "select * from u order by id"))
                .isEqualTo(fleet.rows("shore", "select * from u order by id"));
    }

    @Test
    void goesByTheWatermarkAndFindsWhatIsGone() throws SQLException {
        UnaryOperator<SyncOptions> timestamp = options ->
                options.withMode(SyncMode.TIMESTAMP).withWatermark("updated_at").withOverlap(Duration.ZERO);
        fleet.on("shore", "update t set updated_at = now() - id * interval '1 hour'");
        sync(timestamp);
        fleet.on("shore", "update t set v = 'seen', updated_at = now() where id = 1");
        fleet.on("shore", "update t set v = 'unseen' where id = 2; delete from t where id = 3");
        SyncResult result = sync(timestamp);
        assertThat(result.mode()).isEqualTo(SyncMode.TIMESTAMP);
        assertThat(result.notes()).anyMatch(note -> note.contains("does not see"));
        assertThat(fleet.rows("ship", "select v from t where id <= 3 order by id"))
                .containsExactly("seen", "v2");
    }

    @Test
    void provesByTheHorizonWhatTheWatermarkDidNotSee() throws SQLException {
        UnaryOperator<SyncOptions> hybrid =
                options -> options.withMode(SyncMode.HYBRID).withWatermark("updated_at");
        sync(hybrid);
        fleet.on("shore", "update t set v = 'unseen', updated_at = now() - interval '1 year' where id = 2");
        assertThat(sync(hybrid).mode()).isEqualTo(SyncMode.TIMESTAMP);
        assertThat(fleet.value("ship", "select v from t where id = 2")).isEqualTo("v2");
        SyncResult proof = sync(hybrid.andThen(options -> options.withProveEvery(Duration.ZERO))::apply);
        assertThat(proof.mode()).isEqualTo(SyncMode.XMIN);
        assertSame();
        fleet.on("shore", "update t set v = 'again', updated_at = now() - interval '1 year' where id = 2");
        assertThat(sync(hybrid.andThen(options -> options.withVerifyEvery(Duration.ZERO))::apply)
                        .mode())
                .isEqualTo(SyncMode.FULL);
        assertSame();
    }

    @Test
    void looksOnlyAtRowsOfTheCondition() throws SQLException {
        fleet.on("ship", "insert into t (id, v, n) select g, 'other', -1 from generate_series(5001, 5010) g");
        UnaryOperator<SyncOptions> where = options -> options.withWhere("n >= 0");
        sync(where);
        fleet.on(
                "shore",
                "update t set n = -5 where id = 1; update t set v = 'x' where id = 2; delete from t where id = 3");
        SyncResult result = sync(where);
        assertThat(result.rowsDeleted()).isEqualTo(2);
        assertThat(fleet.value("ship", "select count(*) from t where n < 0")).isEqualTo("10");
        assertThat(fleet.rows("ship", "select * from t where n >= 0 order by id"))
                .isEqualTo(fleet.rows("shore", "select * from t where n >= 0 order by id"));
    }

    @Test
    void addsColumnsWhereThatIsAskedFor() throws SQLException {
        sync();
        fleet.on("shore", "alter table t add column extra text default 'there'");
        assertThatThrownBy(this::sync)
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("has no column extra")
                .extracting(e -> ((OperatorException) e).hint())
                .asString()
                .contains("ALTER TABLE public.t ADD COLUMN extra text", "followColumns true");
        SyncResult result = sync(options -> options.withFollowColumns(true));
        assertThat(result.mode()).isEqualTo(SyncMode.FULL);
        assertSame();
    }

    @Test
    void stopsWhenAColumnWasDroppedOrRetyped() throws SQLException {
        sync();
        fleet.on("shore", "alter table t drop column n; update t set v = 'x' where id = 1");
        assertThatThrownBy(this::sync)
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("column n of public.t was dropped");
        assertThat(fleet.value("ship", "select v from t where id = 1")).isEqualTo("v1");
        fleet.on("ship", "alter table t drop column n");
        sync();
        assertSame();
        fleet.on("shore", "alter table t alter v type varchar(100)");
        assertThatThrownBy(this::sync)
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("column v of public.t was text at the last round, and is character varying(100)");
    }

    @Test
    void describesWithoutChangingAnything() throws SQLException {
        sync();
        fleet.on("shore", "update t set v = 'x' where id = 1");
        List<String> before = fleet.rows("ship", ALL);
        assertThat(new TableSyncer(fleet.shore(), fleet.ship(), Fleet.WORK).describe(SyncPlan.of(TableName.parse("t"))))
                .anyMatch(action -> action.note().contains("auto → xmin"))
                .anyMatch(action -> action.sql().contains("count(*) FILTER"));
        assertThat(fleet.rows("ship", ALL)).isEqualTo(before);
    }

    @Test
    void copiesTheWholeTableWithoutAKeyOnlyWhenAsked() throws SQLException {
        fleet.both("create table k (a int)");
        fleet.on("shore", "insert into k select g from generate_series(1, 10) g");
        TableSyncer syncer = new TableSyncer(fleet.shore(), fleet.ship(), Fleet.WORK);
        SyncPlan plan = SyncPlan.of(TableName.parse("k"));
        assertThatThrownBy(() -> syncer.sync(plan))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("has no primary key");
        assertThat(syncer.sync(plan.with(options -> options.withMode(SyncMode.FULL)))
                        .rowsWritten())
                .isEqualTo(10);
    }
}
