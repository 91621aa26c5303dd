package io.watchkeeper.toolkit.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SessionPair;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.toolkit.copy.Fleet;
import io.watchkeeper.toolkit.copy.RateLimit;
import io.watchkeeper.units.Ratio;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tables and rows chosen to make a round lose one, leave one behind, or change a wrong one. */
class SyncAttackTest {

    private Fleet fleet;

    @BeforeEach
    void makeDatabases() {
        fleet = new Fleet();
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    private SyncResult sync() throws SQLException {
        return sync("t", options -> options);
    }

    private SyncResult sync(UnaryOperator<SyncOptions> change) throws SQLException {
        return sync("t", change);
    }

    private SyncResult sync(String table, UnaryOperator<SyncOptions> change) throws SQLException {
        return new TableSyncer(fleet.shore(), fleet.ship(), Fleet.WORK, Duration.ofSeconds(1))
                .sync(SyncPlan.of(TableName.parse(table)).with(change));
    }

    private void assertSame(String query) {
        assertThat(fleet.rows("ship", query)).isEqualTo(fleet.rows("shore", query));
    }

    private static UnaryOperator<SyncOptions> key(String... columns) {
        return options -> options.withKey(List.of(columns));
    }

    private static SyncOptions anyDeletes(SyncOptions options) {
        return options.withMaxDeletes(MaxDeletes.of(Ratio.percent(100)));
    }

    // --- keys that are equal and not the same
    // ---------------------------------------------------------------------------

    @Test
    void keyOfAnotherScaleIsTheSameKey() throws SQLException {
        fleet.both("create table t (k numeric primary key, v text)");
        fleet.on("shore", "insert into t select g, 'v' from generate_series(1, 500) g");
        sync();
        fleet.on("shore", "update t set k = 7.00, v = 'x' where k = 7; delete from t where k = 8");
        SyncResult result = sync();
        assertSame("select * from t order by k");
        assertThat(result.rowsDeleted()).isEqualTo(1);
    }

    @Test
    void localEditOfAKeysScaleIsPutRight() throws SQLException {
        fleet.both("create table t (k numeric primary key, v text)");
        fleet.on("shore", "insert into t select g, 'v' from generate_series(1, 500) g");
        sync();
        fleet.on("ship", "update t set k = 7.00, v = 'mine' where k = 7");
        sync();
        assertSame("select * from t order by k");
    }

    @Test
    void localEditOfAKeysCaseIsPutRightWhereCaseMeansNothing() throws SQLException {
        fleet.both("create collation nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);"
                + " create table t (k text collate nocase primary key, v text)");
        fleet.on("shore", "insert into t select 'key' || g, 'v' from generate_series(1, 500) g");
        sync();
        fleet.on("shore", "update t set k = 'KEY7' where k = 'key7'");
        sync();
        assertSame("select * from t order by k");
        fleet.on("ship", "update t set k = 'Key8', v = 'mine' where k = 'key8'");
        sync();
        assertSame("select * from t order by k");
    }

    @Test
    void twoRowsThatTheTargetTakesForOneAreSaid() throws SQLException {
        fleet.on("shore", "create table t (k text primary key, v text); insert into t values ('a', '1')");
        fleet.on(
                "ship",
                "create collation nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);"
                        + " create table t (k text collate nocase primary key, v text)");
        sync();
        fleet.on("shore", "insert into t values ('A', '2')");
        assertThatThrownBy(this::sync)
                .isInstanceOf(OperatorException.class)
                .extracting(e -> ((OperatorException) e).hint())
                .asString()
                .contains("key");
        assertThat(fleet.rows("ship", "select * from t")).containsExactly("a|1");
    }

    @Test
    void keyThatDoesNotTellTheSourcesRowsApartIsSaid() throws SQLException {
        fleet.on(
                "shore", "create table t (id int, v text); insert into t select g, 'v' from generate_series(1, 100) g");
        fleet.on("ship", "create table t (id int primary key, v text)");
        sync();
        fleet.on("shore", "insert into t values (5, 'twin')");
        assertThatThrownBy(this::sync).isInstanceOf(OperatorException.class).hasMessageContaining("id");
        assertThat(fleet.value("ship", "select v from t where id = 5")).isEqualTo("v");
    }

    @Test
    void notANumberIsAKey() throws SQLException {
        fleet.both("create table t (k float8 primary key, v text)");
        fleet.on("shore", "insert into t values ('NaN', 'a'), ('Infinity', 'b'), (0, 'c'), (1.5, 'd')");
        sync();
        fleet.on("shore", "update t set v = v || '2'; update t set k = '-0' where k = 0");
        sync();
        assertSame("select * from t order by k");
        fleet.on("shore", "delete from t where k = 'NaN'");
        sync(SyncAttackTest::anyDeletes);
        assertSame("select * from t order by k");
    }

    @Test
    void timesAndTextsMakeAKeyTogether() throws SQLException {
        fleet.both("create table t (at timestamptz, name text, v text, primary key (name, at))");
        fleet.on(
                "shore",
                "insert into t select '2026-03-29 00:00Z'::timestamptz + g * interval '10 min', E'n\\x1f' || g % 3, 'v'"
                        + " from generate_series(1, 300) g");
        sync();
        fleet.on(
                "shore",
                "update t set v = 'x' where at < '2026-03-29 02:00Z'; delete from t where at > '2026-03-30 22:00Z'");
        sync();
        assertSame("select * from t order by name, at");
    }

    @Test
    void rowOfTheTargetWithoutAKeyIsSaid() throws SQLException {
        fleet.both("create table t (a int, b int, v text, unique (a, b))");
        fleet.on("shore", "insert into t select g, g, 'v' from generate_series(1, 100) g");
        sync(key("a", "b"));
        fleet.on("ship", "insert into t values (1, null, 'ghost')");
        assertThatThrownBy(() -> sync(key("a", "b")))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("null");
    }

    @Test
    void rowOfTheSourceWithoutAKeyIsSaid() throws SQLException {
        fleet.both("create table t (a int, b int, v text, unique (a, b))");
        fleet.on("shore", "insert into t select g, g, 'v' from generate_series(1, 100) g");
        sync(key("a", "b"));
        fleet.on("shore", "insert into t values (1, null, 'no key')");
        assertThatThrownBy(() -> sync(key("a", "b")))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("null value in column \"b\"")
                .extracting(e -> ((OperatorException) e).hint())
                .asString()
                .contains("key");
    }

    // --- columns
    // --------------------------------------------------------------------------------------------------------

    @Test
    void otherColumnsOfTheTargetStay() throws SQLException {
        fleet.on(
                "shore",
                "create table t (id int primary key, v text, w text); insert into t values (1, 'a', 'b'), (2, 'c', 'd')");
        fleet.on("ship", "create table t (w text default 'local', id int primary key, note text, v text)");
        UnaryOperator<SyncOptions> some = options -> options.withColumns(List.of("v", "id"));
        sync(some);
        fleet.on("ship", "update t set note = 'kept', w = 'own'");
        fleet.on("shore", "update t set v = 'x', w = 'y' where id = 1");
        sync(some);
        assertThat(fleet.rows("ship", "select id, v, w, note from t order by id"))
                .containsExactly("1|x|own|kept", "2|c|own|kept");
    }

    @Test
    void keyMustBeAmongTheColumns() {
        fleet.both("create table t (id int primary key, v text)");
        assertThatThrownBy(() -> sync(options -> options.withColumns(List.of("v"))))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("column id of public.t");
    }

    @Test
    void computedAndIdentityColumnsArriveAsTheyAre() throws SQLException {
        fleet.on(
                "shore",
                "create table t (id bigint generated always as identity primary key, n int, twice int generated always as (n * 2) stored,"
                        + " other bigint generated always as (n) stored, v text)");
        fleet.on(
                "ship",
                "create table t (v text, other bigint, id bigint generated always as identity primary key, n int,"
                        + " twice int generated always as (n * 2) stored)");
        fleet.on("shore", "insert into t (n, v) select g, 'v' from generate_series(1, 100) g");
        sync();
        fleet.on("shore", "update t set n = n + 1000 where id <= 5; delete from t where id = 50");
        sync();
        assertSame("select id, n, twice, other, v from t order by id");
    }

    @Test
    void identityBesideTheKeyIsKept() throws SQLException {
        fleet.both("create table t (k text primary key, id bigint generated always as identity unique, v text)");
        fleet.on("shore", "insert into t (k, v) select 'k' || g, 'v' from generate_series(1, 50) g");
        sync();
        fleet.on("shore", "update t set v = 'x' where id <= 5; insert into t (k, v) values ('new', 'v')");
        sync();
        assertSame("select * from t order by k");
    }

    @Test
    void strangeNamesAreOnlyNames() throws SQLException {
        fleet.both(
                "create schema \"we?ird\"\"s\"; create table \"we?ird\"\"s\".\"T ?'x\" (\"k?\" int, \"s\" text, \"t\" text, \"k\" int,"
                        + " \"h\" int, \"select\" int, \"a\\b\" text, primary key (\"k?\", \"k\"), unique (\"select\"))");
        fleet.on(
                "shore",
                "insert into \"we?ird\"\"s\".\"T ?'x\" select g, 's', 't', g, g, g, 'b' from generate_series(1, 200) g");
        String name = "\"we?ird\"\"s\".\"T ?'x\"";
        UnaryOperator<SyncOptions> where =
                options -> options.withWhere("h >= 0 and not jsonb_build_object('a', h) ? 'b' -- so far");
        sync(name, where);
        fleet.on(
                "shore", "update " + name + " set \"s\" = 'x' where \"k?\" < 5; delete from " + name + " where k = 77");
        fleet.on("ship", "update " + name + " set \"t\" = 'x' where \"k?\" = 9; delete from " + name + " where k = 99");
        sync(name, where);
        assertSame("select * from " + name + " order by 1");
        fleet.on("ship", "update " + name + " set \"t\" = 'x' where \"k?\" = 9");
        assertThat(sync(name, where.andThen(o -> o.withLocalEdits(LocalEdits.KEEP))::apply)
                        .kept())
                .isEqualTo(1);
    }

    // --- constraints
    // -----------------------------------------------------------------------------------------------------

    @Test
    void valuesOfDeferrableConstraintsAreSwapped() throws SQLException {
        fleet.both(
                "create table t (id int primary key deferrable initially deferred, n int unique deferrable, v text)");
        fleet.on("shore", "insert into t select g, g, 'v' from generate_series(1, 50) g");
        sync();
        fleet.on("shore", "update t set n = 51 - n; update t set id = 51 - id where id in (1, 50)");
        sync();
        assertSame("select * from t order by id");
    }

    @Test
    void deferrableConstraintIsNotBroken() throws SQLException {
        fleet.both("create table t (id int primary key, n int unique deferrable, v text)");
        fleet.on("ship", "insert into t values (1000, 7, 'local')");
        fleet.on("shore", "insert into t select g, g, 'v' from generate_series(1, 5) g");
        UnaryOperator<SyncOptions> where = options -> options.withWhere("id < 100");
        sync(where);
        fleet.on("shore", "insert into t values (7, 7, 'v')");
        assertThatThrownBy(() -> sync(where))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("t_n_key");
        assertThat(fleet.value("ship", "select count(*) from t where n = 7")).isEqualTo("1");
    }

    @Test
    void exclusionConstraintsLetRangesMove() throws SQLException {
        fleet.both("create table t (id int primary key, r int4range, exclude using gist (r with &&))");
        fleet.on("shore", "insert into t select g, int4range(g * 10, g * 10 + 10) from generate_series(1, 50) g");
        sync();
        fleet.on(
                "shore",
                "delete from t where id = 50; update t set r = int4range(lower(r) + 10, upper(r) + 10) where id = 49");
        fleet.on(
                "shore",
                "begin; delete from t where id in (1, 2); insert into t values (1, '[20,30)'), (2, '[10,20)'); commit");
        sync();
        assertSame("select * from t order by id");
    }

    @Test
    void rowsMoveBetweenPartitionsOfTheTarget() throws SQLException {
        fleet.on("shore", "create table t (id int, y int, v text, primary key (id, y))");
        fleet.on(
                "ship",
                "create table t (id int, y int, v text, primary key (id, y)) partition by range (y);"
                        + " create table t1 partition of t for values from (0) to (100);"
                        + " create table t2 partition of t for values from (100) to (200)");
        fleet.on("shore", "insert into t select g, g, 'v' from generate_series(1, 150) g");
        sync();
        fleet.on(
                "shore",
                "update t set y = 190 where id = 5; update t set y = 1 where id = 120; delete from t where id = 6");
        fleet.on("ship", "update t set v = 'mine' where id = 7; delete from t where id = 130");
        sync();
        assertSame("select * from t order by id");
    }

    @Test
    void rowsMoveBetweenPartitionsOfTheSource() throws SQLException {
        fleet.both("create table t (id int, y int, v text, primary key (id, y)) partition by range (y);"
                + " create table t1 partition of t for values from (0) to (100);"
                + " create table t2 partition of t for values from (100) to (200)");
        fleet.on("shore", "insert into t select g, g, 'v' from generate_series(1, 150) g");
        sync();
        fleet.on(
                "shore",
                "update t set y = 190 where id = 5; alter table t detach partition t1; delete from t1 where id = 9");
        fleet.on("shore", "alter table t attach partition t1 for values from (0) to (100)");
        sync();
        assertSame("select * from t order by id");
        fleet.on("shore", "alter table t detach partition t2");
        sync(SyncAttackTest::anyDeletes);
        assertSame("select * from t order by id");
    }

    @Test
    void childrenAreTablesOfTheirOwn() throws SQLException {
        fleet.both("create table t (id int primary key, v text); create table child (extra int) inherits (t)");
        fleet.on(
                "shore",
                "insert into t select g, 'v' from generate_series(1, 20) g; insert into child values (500, 'c', 1)");
        fleet.on("ship", "insert into child values (3, 'mine', 1)");
        sync();
        fleet.on("shore", "update t set v = 'x'; delete from only t where id = 3");
        sync();
        assertSame("select * from only t order by id");
        assertThat(fleet.rows("ship", "select * from child")).containsExactly("3|mine|1");
    }

    // --- conditions
    // --------------------------------------------------------------------------------------------------------

    @Test
    void rowsThatOnlyTheConditionMovesAreFollowed() throws SQLException {
        fleet.both("create table chosen (id int primary key); create table t (id int primary key, v text)");
        fleet.on("shore", "insert into t select g, 'v' from generate_series(1, 100) g");
        fleet.both("insert into chosen select g from generate_series(1, 50) g");
        UnaryOperator<SyncOptions> where =
                options -> anyDeletes(options.withWhere("id in (select c.id from chosen c)"));
        sync(where);
        fleet.both("insert into chosen values (60)");
        fleet.on("shore", "delete from chosen where id = 10");
        sync(where);
        assertThat(fleet.rows("ship", "select id from t where id in (9, 10, 11, 60, 61) order by id"))
                .containsExactly("9", "11", "60");
    }

    @Test
    void rowsThatTimeBringsIntoTheConditionArrive() throws SQLException {
        fleet.both("create table t (id int primary key, at timestamptz, v text)");
        fleet.on(
                "shore",
                "insert into t select g, now() - interval '1 hour', 'v' from generate_series(1, 20) g;"
                        + " insert into t values (100, now() + interval '700 ms', 'soon')");
        UnaryOperator<SyncOptions> where = options -> options.withWhere("at < now()");
        assertThat(sync(where).rowsWritten()).isEqualTo(20);
        fleet.on("shore", "select pg_sleep(0.8)");
        assertThat(sync(where).rowsWritten()).isEqualTo(1);
    }

    @Test
    void rowThatWasMovedOutOfTheConditionLocallyComesBack() throws SQLException {
        fleet.both("create table t (id int primary key, n int, v text)");
        fleet.on("shore", "insert into t select g, g, 'v' from generate_series(1, 100) g");
        UnaryOperator<SyncOptions> where = options -> options.withWhere("n > 0");
        sync(where);
        fleet.on("ship", "update t set n = -1 where id = 5");
        sync(where);
        assertSame("select * from t order by id");
    }

    // --- what others do to the target
    // ----------------------------------------------------------------------------------------

    @Test
    void triggerThatKeepsARowIsSaid() throws SQLException {
        fleet.both("create table t (id int primary key, v text)");
        fleet.on("shore", "insert into t select g, 'v' from generate_series(1, 20) g");
        sync();
        fleet.on(
                "ship",
                "create function no() returns trigger language plpgsql as 'begin return null; end';"
                        + " create trigger no before delete on t for each row execute function no();"
                        + " alter table t enable always trigger no");
        fleet.on("shore", "delete from t where id = 5");
        assertThatThrownBy(this::sync).isInstanceOf(OperatorException.class).hasMessageContaining("1 row");
        assertThat(fleet.value("ship", "select version from watchkeeper.sync_tables"))
                .isEqualTo("1");
    }

    @Test
    void triggerThatDropsARowIsSaid() throws SQLException {
        fleet.both("create table t (id int primary key, v text)");
        fleet.on("shore", "insert into t select g, 'v' from generate_series(1, 20) g");
        sync();
        fleet.on(
                "ship",
                "create function no() returns trigger language plpgsql as 'begin return null; end';"
                        + " create trigger no before insert on t for each row execute function no();"
                        + " alter table t enable always trigger no");
        fleet.on("shore", "insert into t values (500, 'new')");
        assertThatThrownBy(this::sync).isInstanceOf(OperatorException.class);
        assertThat(fleet.value("ship", "select version from watchkeeper.sync_tables"))
                .isEqualTo("1");
    }

    @Test
    void rowsLostInACrashComeBack() throws SQLException {
        try (LocalServer own = TestServers.own(Map.of());
                Fleet crashing = new Fleet(TestServers.shore(), own)) {
            crashing.on(
                    "shore",
                    "create table t (id int primary key, v text); insert into t select g, 'v' from generate_series(1, 100) g");
            crashing.on("ship", "create unlogged table t (id int primary key, v text)");
            SyncPlan plan = SyncPlan.of(TableName.parse("t"));
            for (UnaryOperator<SyncOptions> change :
                    List.<UnaryOperator<SyncOptions>>of(o -> o, o -> o.withDeletes(false))) {
                new TableSyncer(crashing.shore(), crashing.ship(), Fleet.WORK).sync(plan.with(change));
                own.crash();
                own.start();
                assertThat(crashing.value("ship", "select count(*) from t")).isEqualTo("0");
                new TableSyncer(crashing.shore(), crashing.ship(), Fleet.WORK).sync(plan.with(change));
                assertThat(crashing.value("ship", "select count(*) from t")).isEqualTo("100");
            }
        }
    }

    @Test
    void rowThatWasDeletedLocallyComesBackWhereDeletesAreOff() throws SQLException {
        fleet.both("create table t (id int primary key, v text)");
        fleet.on("shore", "insert into t select g, 'v' from generate_series(1, 100) g");
        UnaryOperator<SyncOptions> noDeletes = options -> options.withDeletes(false);
        sync(noDeletes);
        sync(noDeletes);
        fleet.on("shore", "delete from t where id = 9");
        fleet.on("ship", "delete from t where id = 5");
        sync(noDeletes);
        assertThat(fleet.rows("ship", "select id from t where id in (5, 9) order by id"))
                .containsExactly("5", "9");
    }

    @Test
    void ghostsGoOnceDeletesAreOn() throws SQLException {
        try (LocalServer own = TestServers.own(Map.of());
                Fleet quiet = new Fleet(own, TestServers.ship())) {
            quiet.both("create table t (id int primary key, v text)");
            quiet.on("shore", "insert into t select g, 'v' from generate_series(1, 100) g");
            quiet.on("ship", "insert into t values (500, 'ghost')");
            TableSyncer syncer = new TableSyncer(quiet.shore(), quiet.ship(), Fleet.WORK);
            SyncPlan plan = SyncPlan.of(TableName.parse("t"));
            syncer.sync(plan.with(options -> options.withDeletes(false)));
            assertThat(quiet.value("ship", "select count(*) from t")).isEqualTo("101");
            syncer.sync(plan);
            assertThat(quiet.value("ship", "select count(*) from t")).isEqualTo("100");
        }
    }

    @Test
    void keptRowsAreTheSourcesOnceTheyAreNotToBeKept() throws SQLException {
        fleet.both("create table t (id int primary key, v text)");
        fleet.on("shore", "insert into t select g, 'v' from generate_series(1, 100) g");
        UnaryOperator<SyncOptions> keep = options -> options.withLocalEdits(LocalEdits.KEEP);
        sync(keep);
        fleet.on("ship", "update t set v = 'mine' where id = 5");
        assertThat(sync(keep).kept()).isEqualTo(1);
        assertThat(sync().kept()).isZero();
        assertSame("select * from t order by id");
        assertThat(fleet.value("ship", "select count(*) from watchkeeper.sync_kept"))
                .isEqualTo("0");
    }

    @Test
    void keptRowsStayWhereTheHostsTimeZoneChanges() throws SQLException {
        fleet.both("create table t (at timestamptz primary key, v text)");
        fleet.on(
                "shore",
                "insert into t select '2026-01-01 00:00Z'::timestamptz + g * interval '1 hour', 'v' from generate_series(1, 100) g");
        UnaryOperator<SyncOptions> keep = options -> options.withLocalEdits(LocalEdits.KEEP);
        sync(keep);
        fleet.on("ship", "update t set v = 'mine' where at = '2026-01-02 00:00Z'");
        assertThat(sync(keep).kept()).isEqualTo(1);
        fleet.on("shore", "update t set v = 'theirs' where at = '2026-01-02 00:00Z'");
        TimeZone before = TimeZone.getDefault();
        try (Fleet elsewhere = new Fleet(fleet.login("shore"), fleet.login("ship"))) {
            TimeZone.setDefault(TimeZone.getTimeZone("Asia/Seoul"));
            SyncResult result = new TableSyncer(elsewhere.shore(), elsewhere.ship(), Fleet.WORK)
                    .sync(SyncPlan.of(TableName.parse("t")).with(keep));
            assertThat(result.kept()).isEqualTo(1);
        } finally {
            TimeZone.setDefault(before);
        }
        assertThat(fleet.value("ship", "select v from t where at = '2026-01-02 00:00Z'"))
                .isEqualTo("mine");
    }

    @Test
    void tablesOfOneRoundKeepTheirOwnRows() throws SQLException {
        fleet.both("create table a (id int primary key, v text); create table b (id text primary key, v text)");
        fleet.on(
                "shore",
                "insert into a select g, 'v' from generate_series(1, 100) g; insert into b select 'k' || g, 'v' from generate_series(1, 100) g");
        roundOf("a", "b");
        fleet.on("ship", "update a set v = 'mine' where id in (5, 6); update b set v = 'mine' where id = 'k7'");
        List<SyncResult> results = roundOf("a", "b");
        assertThat(results).extracting(SyncResult::kept).containsExactly(2L, 1L);
        assertThat(
                        fleet.rows(
                                "ship",
                                "select t.target_name, k.row_key from watchkeeper.sync_kept k join watchkeeper.sync_tables t on t.id = k.sync_id order by 1, 2"))
                .containsExactly("public.a|{5}", "public.a|{6}", "public.b|{k7}");
    }

    private List<SyncResult> roundOf(String... tables) throws SQLException {
        try (SessionPair pair = SessionPair.open(fleet.shore(), fleet.ship(), Fleet.WORK)) {
            Session from = pair.source();
            Session to = pair.target();
            List<SyncRound.Part> parts = new ArrayList<>();
            for (String table : tables) {
                SyncPlan plan = SyncPlan.of(TableName.parse(table)).with(o -> o.withLocalEdits(LocalEdits.KEEP));
                parts.add(SyncRound.Part.prepare(plan, from, to));
            }
            return new SyncRound(from, to, new RateLimit(null, Fleet.WORK), false, Largeness.USUAL).run(parts, null);
        }
    }

    // --- watermarks
    // ------------------------------------------------------------------------------------------------------------

    @Test
    void oneRowOfTheFutureDoesNotHideWhatIsWrittenNow() throws SQLException {
        fleet.both("create table t (id int primary key, v text, updated_at timestamptz)");
        fleet.on("shore", "insert into t select g, 'v', now() - interval '1 day' from generate_series(1, 100) g");
        fleet.on("shore", "insert into t values (900, 'v', 'infinity'), (901, 'v', now() + interval '100 years')");
        UnaryOperator<SyncOptions> timestamp =
                options -> options.withMode(SyncMode.TIMESTAMP).withWatermark("updated_at");
        sync(timestamp);
        fleet.on("shore", "update t set v = 'x', updated_at = now() where id = 5");
        assertThat(sync(timestamp).mode()).isEqualTo(SyncMode.TIMESTAMP);
        assertSame("select * from t order by id");
    }

    @Test
    void rowsWithoutAWatermarkAreBrought() throws SQLException {
        fleet.both("create table t (id int primary key, v text, updated_at timestamptz)");
        fleet.on("shore", "insert into t select g, 'v', now() - interval '1 day' from generate_series(1, 100) g");
        UnaryOperator<SyncOptions> timestamp = options ->
                options.withMode(SyncMode.TIMESTAMP).withWatermark("updated_at").withDeletes(false);
        sync(timestamp);
        fleet.on(
                "shore",
                "insert into t values (500, 'new', null); update t set v = 'x', updated_at = null where id = 5");
        sync(timestamp);
        assertSame("select * from t order by id");
    }

    // --- encodings, rights
    // -----------------------------------------------------------------------------------------------------

    @Test
    void encodingsDiffer() throws SQLException {
        String latin = TestServers.freshDatabase(TestServers.ship()) + "_latin1";
        TestServers.execute(
                TestServers.ship(),
                "postgres",
                "create database " + latin + " encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0");
        try (Fleet mixed = new Fleet(fleet.login("shore"), TestServers.settings("ship", TestServers.ship(), latin))) {
            mixed.both("create table t (k text primary key, v text)");
            mixed.on("shore", "insert into t select 'clé' || g, 'häuser' from generate_series(1, 100) g");
            TableSyncer syncer = new TableSyncer(mixed.shore(), mixed.ship(), Fleet.WORK);
            SyncPlan plan = SyncPlan.of(TableName.parse("t"));
            syncer.sync(plan);
            mixed.on("shore", "update t set v = 'ñ' where k = 'clé5'; delete from t where k = 'clé6'");
            mixed.on("ship", "update t set v = 'mine' where k = 'clé7'; delete from t where k = 'clé8'");
            syncer.sync(plan);
            assertThat(mixed.rows("ship", "select * from t order by k collate \"C\""))
                    .isEqualTo(mixed.rows("shore", "select * from t order by k collate \"C\""));
            mixed.on("shore", "insert into t values ('日本', 'x')");
            assertThatThrownBy(() -> syncer.sync(plan)).isInstanceOf(OperatorException.class);
            assertThat(mixed.value("ship", "select count(*) from t")).isEqualTo("99");
        }
    }

    @Test
    void rowsHiddenOnTheTargetStopTheRound() throws SQLException {
        String role = "hidden_" + ProcessHandle.current().pid();
        TestServers.execute(TestServers.ship(), "postgres", "create role " + role + " login");
        fleet.both("create table t (id int primary key, v text)");
        fleet.on("shore", "insert into t select g, 'v' from generate_series(1, 100) g");
        fleet.on(
                "ship",
                "create schema watchkeeper authorization " + role + "; grant all on t to " + role
                        + "; alter table t enable row level security; create policy p on t using (id > 50)");
        try (Fleet limited = fleet.loggingInAs("postgres", role)) {
            assertThatThrownBy(() -> new TableSyncer(limited.shore(), limited.ship(), Fleet.WORK)
                            .sync(SyncPlan.of(TableName.parse("t"))))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("row security");
        }
    }
}
