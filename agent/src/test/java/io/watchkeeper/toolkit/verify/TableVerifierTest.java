package io.watchkeeper.toolkit.verify;

import static io.watchkeeper.toolkit.verify.VerifyFleet.keys;
import static io.watchkeeper.toolkit.verify.VerifyFleet.plan;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Ratio;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableVerifierTest {

    private static final Duration TINY = Duration.ofMillis(1);

    private final VerifyFleet fleet = new VerifyFleet();

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        fleet.close();
    }

    private void fill(int rows) {
        fleet.both("create table t (id int primary key, v text, n numeric)");
        fleet.both("insert into t select i, 'value ' || i, i / 8.0 from generate_series(1, " + rows + ") i; analyze t");
    }

    @Test
    void equalTablesMatchAtAPositionOfTheLog() throws Exception {
        fill(1_000);

        VerifyResult result = fleet.verify("t");

        assertThat(result.isMatch()).isTrue();
        assertThat(result.score()).isEqualTo(1.0);
        assertThat(result.lsn().position()).isPositive();
        assertThat(result.chunks()).isEqualTo(1);
        assertThat(result.fields())
                .containsEntry("verified", true)
                .containsEntry("differences", 0L)
                .containsEntry("score", 1.0)
                .containsEntry("mode", "checksum")
                .containsEntry("rowsHere", 1_000L)
                .containsKeys("lsn", "durationMs", "stages")
                .doesNotContainKeys("differingKeys", "notes");
    }

    @Test
    void everyKindOfDifferenceIsFoundAndListed() throws Exception {
        fill(10_000);
        fleet.on(
                "ship",
                "delete from t where id in (5, 9999); update t set n = n + 1 where id = 7; insert into t values (-3, 'x', 1)");

        VerifyResult result = fleet.verify(plan("t"), folder.resolve("run"));

        assertThat(keys(result)).containsExactly("different 7", "extra -3", "missing 5", "missing 9999");
        assertThat(result.differences()).isEqualTo(4);
        assertThat(result.score()).isEqualTo(0.9996);
        assertThat(Files.readAllLines(result.file()))
                .containsExactlyInAnyOrder("kind,id", "different,7", "extra,-3", "missing,5", "missing,9999");
        assertThat(result.fields())
                .containsEntry("verified", false)
                .containsEntry("differences", 4L)
                .containsEntry("differingKeysFile", String.valueOf(result.file()));
        assertThat(result.fields().get("differingKeys"))
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
                .contains(Map.of("kind", "different", "key", Map.of("id", "7")));
        try (Stream<Path> files = Files.list(folder.resolve("run"))) {
            assertThat(files)
                    .as("nothing is left of what was only needed on the way")
                    .containsExactly(result.file());
        }
    }

    @Test
    void largeTablesAreComparedInRangesThatLeaveNoGap() throws Exception {
        fill(30_000);
        fleet.on(
                "ship",
                "delete from t where id in (1, 15000, 30000); insert into t values (0, 'before', 0), (40000, 'after', 0)");

        VerifyResult result = fleet.verify(plan("t").with(o -> o.withChunkTime(TINY)));

        assertThat(result.chunks()).isGreaterThan(3);
        assertThat(result.rowsHere()).isEqualTo(30_000);
        assertThat(result.rowsThere()).isEqualTo(29_999);
        assertThat(keys(result))
                .containsExactly("extra 0", "extra 40000", "missing 1", "missing 15000", "missing 30000");
        assertThat(fleet.value("ship", "select count(*) from watchkeeper.verifications"))
                .as("what would have been gone on with")
                .isEqualTo("0");
    }

    @Test
    void keysOfSeveralColumnsAndOddValuesAreRanged() throws Exception {
        fleet.both("create table \"T 1\" (\"a b\" text, at timestamptz, v int, primary key (\"a b\", at))");
        fleet.both(
                "insert into \"T 1\" select 'it''s ' || i % 7 || chr(92) || 'n,\"', '2024-01-01Z'::timestamptz + i * interval '1 s', i"
                        + " from generate_series(1, 15000) i; analyze \"T 1\"");
        fleet.on("ship", "update \"T 1\" set v = -1 where v = 7000; delete from \"T 1\" where v = 3");

        VerifyResult result = fleet.verify(plan("\"T 1\"").with(o -> o.withChunkTime(TINY)), folder);

        assertThat(result.chunks()).isGreaterThan(2);
        assertThat(result.rowsHere()).isEqualTo(15_000);
        assertThat(result.differingKeys()).hasSize(2);
        assertThat(Files.readString(result.file())).contains("missing,\"it's 3\\n,\"\"\",2024-01-01");
    }

    @Test
    void bytesOfTheKeyAreNotLostInTheFile() throws Exception {
        fleet.both("create table t (k text primary key)");
        fleet.on("shore", "insert into t values (''), (E'a\\nb'), ('NULL'), ('a,b'), ('\"'), ('ü')");

        VerifyResult result = fleet.verify(plan("t").with(o -> o.withRechecks(2)), folder);

        assertThat(keys(result))
                .containsExactlyInAnyOrder(
                        "missing ", "missing \"", "missing NULL", "missing a\nb", "missing a,b", "missing ü");
    }

    @Test
    void theListIsCappedAndTheFileIsNot() throws Exception {
        fill(500);
        fleet.on("ship", "delete from t");

        VerifyResult result = fleet.verify(plan("t").with(o -> o.withListedKeys(3)), folder);

        assertThat(result.differences()).isEqualTo(500);
        assertThat(result.score()).isZero();
        assertThat(result.differingKeys()).hasSize(3);
        assertThat(Files.readAllLines(result.file())).hasSize(501);
    }

    @Test
    void onlyCountsAreComparedWhereThatIsAsked() throws Exception {
        fill(100);
        fleet.on("ship", "update t set v = 'other'; delete from t where id = 4");
        VerifyPlan count = plan("t").with(o -> o.withBy(VerifyBy.COUNT));

        VerifyResult result = fleet.verify(count);

        assertThat(result.differences()).isEqualTo(1);
        assertThat(result.differingKeys()).isEmpty();
        fleet.on("ship", "insert into t values (1000)");
        assertThat(fleet.verify(count).isMatch()).isTrue();
        assertThatThrownBy(() -> fleet.verify(count.with(o -> o.withRepair(Repair.PLAN))))
                .hasMessageContaining("a count does not tell which rows differ");
    }

    @Test
    void onlyKeysAreComparedWhereThatIsAsked() throws Exception {
        fill(100);
        fleet.on("ship", "update t set v = 'other' where id = 9; delete from t where id = 4");

        assertThat(keys(fleet.verify(plan("t").with(o -> o.withBy(VerifyBy.KEYS)))))
                .containsExactly("missing 4");
    }

    @Test
    void columnsAndConditionsLimitWhatIsCompared() throws Exception {
        fill(100);
        fleet.on(
                "ship",
                "alter table t add extra int; update t set v = 'other' where id <= 3; delete from t where id = 50");

        assertThat(keys(fleet.verify(plan("t").with(o -> o.withColumns(List.of("n"))))))
                .containsExactly("missing 50");
        VerifyResult where = fleet.verify(plan("t").with(o -> o.withWhere("id < 50 -- the first half")));
        assertThat(keys(where)).containsExactly("different 1", "different 2", "different 3");
        assertThat(where.rowsHere()).isEqualTo(49);
        assertThat(where.notes()).anyMatch(note -> note.contains("not compared: column extra"));
        // A question mark is an operator here, and no parameter.
        assertThat(fleet.verify(plan("t").with(o -> o.withWhere("id > 50 and jsonb_build_object('a', id) ? 'a'")))
                        .rowsThere())
                .isEqualTo(50);
    }

    @Test
    void aSampleComparesItsShareOfTheRows() throws Exception {
        fill(20_000);
        fleet.on("ship", "update t set v = 'other'");

        VerifyResult result = fleet.verify(plan("t").with(o -> o.withSample(Ratio.percent(10))));

        assertThat(result.rowsHere()).isBetween(1_700L, 2_300L).isEqualTo(result.rowsThere());
        assertThat(result.differences()).isEqualTo(result.rowsHere());
        assertThat(result.sampled()).isEqualTo(Ratio.percent(10));
        assertThat(result.fields()).containsEntry("sampled", 0.1);
        assertThatThrownBy(() -> VerifyOptions.DEFAULT.withSample(Ratio.percent(101)))
                .isInstanceOf(OperatorException.class);
    }

    @Test
    void samplesAreNotAlwaysTheSame() throws Exception {
        fill(5_000);
        fleet.on("ship", "update t set v = 'other'");
        VerifyPlan sample = plan("t").with(o -> o.withSample(Ratio.percent(2)).withListedKeys(1_000));

        assertThat(keys(fleet.verify(sample))).isNotEqualTo(keys(fleet.verify(sample)));
    }

    @Test
    void aPartitionedTableIsComparedByItsRootWithAPlainOne() throws Exception {
        fleet.on("shore", """
                create table p (id int, v text, primary key (id)) partition by range (id);
                create table p1 partition of p for values from (0) to (5000);
                create table p2 partition of p for values from (5000) to (20001)""");
        fleet.on("ship", "create table p (id int primary key, v text)");
        fleet.both("insert into p select i, 'v' || i from generate_series(1, 20000) i; analyze p");
        fleet.on("ship", "update p set v = 'other' where id in (4999, 5000)");

        assertThat(keys(fleet.verify("p"))).containsExactly("different 4999", "different 5000");
        VerifyResult inRanges = fleet.verify(plan("p").with(o -> o.withChunkTime(TINY)));
        assertThat(keys(inRanges)).containsExactly("different 4999", "different 5000");
        assertThat(inRanges.chunks()).isGreaterThan(2);
        assertThat(inRanges.rowsHere()).isEqualTo(20_000);
    }

    @Test
    void partitionsThatAreForeignTablesAreLeftOut() throws Exception {
        fleet.on("shore", """
                create extension postgres_fdw; create server far foreign data wrapper postgres_fdw;
                create table p (id int, v text) partition by range (id);
                create table p1 partition of p for values from (0) to (5);
                create foreign table p2 partition of p for values from (5) to (10) server far""");
        fleet.on("ship", "create table p (id int, v text)");
        fleet.both("insert into p values (1, 'a'), (2, 'b')");

        VerifyResult result = fleet.verify(plan("p").with(o -> o.withKey(List.of("id"))));

        assertThat(result.isMatch()).isTrue();
        assertThat(result.notes()).anyMatch(note -> note.contains("foreign"));
        fleet.on("ship", "delete from p where id = 2");
        assertThat(keys(fleet.verify(plan("p").with(o -> o.withKey(List.of("id"))))))
                .containsExactly("missing 2");
    }

    @Test
    void tablesWithOtherNamesAreCompared() throws Exception {
        fill(50);
        fleet.on("ship", "create schema s; alter table t set schema s; alter table s.t rename to u");
        VerifyPlan plan = new VerifyPlan(
                TableName.parse("t"), TableName.parse("s.u"), plan("t").options());

        VerifyResult result = fleet.verify(plan);

        assertThat(result.isMatch()).isTrue();
        assertThat(result.fields()).containsEntry("targetTable", "s.u");
    }

    @Test
    void encodingsThatDifferAreNoDifference() throws Exception {
        String latin = "latin_" + ProcessHandle.current().pid();
        fleet.on(
                "ship", "create database " + latin + " encoding latin1 lc_collate 'C' lc_ctype 'C' template template0");
        String url = fleet.login("ship").url();
        var login = new io.watchkeeper.postgres.DatabaseSettings(
                "ship", url.substring(0, url.lastIndexOf('/') + 1) + latin, "postgres", null, 8, null, true);
        try (VerifyFleet other = new VerifyFleet(fleet.login("shore"), login)) {
            other.both("create table t (k text primary key, v text);"
                    + " insert into t select 'Schlüssel ' || i, 'größe' from generate_series(1, 3000) i; analyze t");
            other.on("ship", "update t set v = 'grösse' where k = 'Schlüssel 5'");

            assertThat(keys(other.verify(plan("t").with(o -> o.withChunkTime(TINY)))))
                    .containsExactly("different Schlüssel 5");
        } finally {
            fleet.on("ship", "drop database " + latin);
        }
    }

    @Test
    void rowsWithoutAKeyAreToldByTheirHashAndNotRepaired() throws Exception {
        fleet.both("create table t (a int, b text); insert into t select i, 'v' from generate_series(1, 5000) i");
        fleet.on("ship", "update t set b = 'other' where a = 77");

        VerifyResult result = fleet.verify(plan("t"), folder);

        assertThat(result.differences()).isEqualTo(2);
        assertThat(result.differingKeys())
                .extracting(DifferingKey::kind)
                .containsExactlyInAnyOrder(DifferenceKind.MISSING, DifferenceKind.EXTRA);
        assertThat(Files.readAllLines(result.file()))
                .startsWith("kind,row_hash,rows")
                .hasSize(3);
        assertThatThrownBy(() -> fleet.verify(plan("t").with(o -> o.withRepair(Repair.APPLY))))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("no primary key")
                .extracting(e -> ((OperatorException) e).hint())
                .asString()
                .contains("copyTable 'public.t'");
        assertThat(keys(fleet.verify(plan("t").with(o -> o.withKey(List.of("a"))))))
                .containsExactly("different 77");
    }

    @Test
    void aKeyWithNullsDoesNotHideARow() throws Exception {
        fleet.both("create table t (a int, b text)");
        fleet.both("insert into t values (1, 'x'), (null, 'y')");
        fleet.on("ship", "update t set b = 'z' where a is null");

        assertThat(keys(fleet.verify(plan("t").with(o -> o.withKey(List.of("a"))))))
                .containsExactly("different NULL");
    }

    @Test
    void whatIsNoTableIsRefused() {
        fleet.both("create table t (id int primary key); create view v as select * from t");
        fleet.on("shore", "create materialized view m as select * from t");
        fleet.on("ship", "create table m (id int)");

        assertThatThrownBy(() -> fleet.verify("v"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("is a view")
                .extracting(e -> ((OperatorException) e).hint())
                .isEqualTo("name the tables it reads from.");
        assertThatThrownBy(() -> fleet.verify("m")).hasMessageContaining("materialized view");
    }

    @Test
    void whatCannotBeComparedIsAFailureAndNoMatch() {
        fleet.both("create table t (id int primary key, v text)");
        fleet.on("shore", "create table only_here (id int); alter table t add w int");

        assertThatThrownBy(() -> fleet.verify("only_here")).hasMessageContaining("no table public.only_here");
        assertThatThrownBy(() -> fleet.verify("t")).hasMessageContaining("has no column w");
        assertThatThrownBy(() -> fleet.verify(
                        plan("t").with(o -> o.withColumns(List.of("id")).withWhere("nonsense = 1"))))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("could not be compared")
                .hasMessageContaining("nonsense");
        fleet.both("insert into t values (1), (2)");
        fleet.on(
                "ship",
                "create function broken(int) returns bool language plpgsql as 'begin raise exception ''no''; end'");
        fleet.on("shore", "create function broken(int) returns bool language sql as 'select true'");
        assertThatThrownBy(() -> fleet.verify(
                        plan("t").with(o -> o.withColumns(List.of("id")).withWhere("broken(id)"))))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("could not be compared: no");
    }

    @Test
    void rowsHiddenByRowSecurityAreNotTakenForAll() {
        String role = "verifier_" + ProcessHandle.current().pid();
        fleet.both(
                "create table t (id int primary key); insert into t values (1), (2); alter table t enable row level security");
        fleet.both("do $$ begin create role " + role + " login; exception when duplicate_object then null; end $$;"
                + " grant select on t to " + role);
        try (VerifyFleet limited = fleet.loggingInAs(role, role)) {
            assertThatThrownBy(() -> limited.verify("t"))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("row security");
        }
        fleet.both("drop owned by " + role + "; drop role " + role);
    }

    @Test
    void aRoleThatMayOnlyReadCanVerifyInRanges() throws Exception {
        String role = "range_reader_" + ProcessHandle.current().pid();
        fill(20_000);
        fleet.both("do $$ begin create role " + role + " login; exception when duplicate_object then null; end $$;"
                + " grant select on t to " + role);
        try (VerifyFleet limited = fleet.loggingInAs(role, role)) {
            VerifyResult result = limited.verify(plan("t").with(o -> o.withChunkTime(TINY)), folder.resolve("run"));
            assertThat(result.isMatch()).isTrue();
            assertThat(result.chunks()).isGreaterThan(2);
        }
        assertThat(fleet.value("ship", "select to_regnamespace('watchkeeper') is null"))
                .isEqualTo("t");
        // The role stays: its last session may still be ending, with temporary tables that keep it from being dropped.
    }

    @Test
    void aDryRunSaysWhatWouldBeDoneAndDoesNothing() throws Exception {
        fill(100);
        List<PlannedAction> actions = new TableVerifier(fleet.shore(), fleet.ship(), VerifyFleet.WORK, folder)
                .describe(plan("t").with(o -> o.withRepair(Repair.APPLY)));

        assertThat(actions).extracting(PlannedAction::sql).anyMatch(sql -> sql.contains("hashtextextended"));
        assertThat(actions).extracting(PlannedAction::database).contains("shore", "ship");
        assertThat(actions)
                .filteredOn(a -> a.sql().startsWith("DELETE"))
                .singleElement()
                .satisfies(a -> assertThat(a.lock().toString()).isEqualTo("ROW EXCLUSIVE"));
    }
}
