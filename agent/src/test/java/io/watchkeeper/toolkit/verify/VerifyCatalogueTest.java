package io.watchkeeper.toolkit.verify;

import static io.watchkeeper.toolkit.verify.VerifyFleet.keys;
import static io.watchkeeper.toolkit.verify.VerifyFleet.plan;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Ratio;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The cases of the test catalogue's letter V: what a comparison of two tables must see, and must not be misled by. */
class VerifyCatalogueTest {

    private final VerifyFleet fleet = new VerifyFleet();

    @AfterEach
    void close() {
        fleet.close();
    }

    @Test
    void v01DuplicateRowsWithoutAKey() throws Exception {
        fleet.both("create table t (a int, b text); insert into t select i, 'row' from generate_series(1, 300) i");
        fleet.both("insert into t values (7, 'twin'), (7, 'twin')");

        assertThat(fleet.verify("t").isMatch()).isTrue();
        // An exclusive or of hashes would be the same for two more of one row.
        fleet.on("ship", "insert into t values (7, 'twin'), (7, 'twin')");
        VerifyResult more = fleet.verify("t");

        assertThat(more.isMatch()).isFalse();
        assertThat(more.differences()).isEqualTo(2);
        assertThat(more.differingKeys()).hasSize(1).allMatch(key -> key.kind() == DifferenceKind.EXTRA);
        assertThat(more.rowsHere()).isEqualTo(302);
        assertThat(more.rowsThere()).isEqualTo(304);
    }

    @Test
    void v02NullAgainstEmptyText() throws Exception {
        fleet.both("create table t (id int primary key, a text, b text)");
        fleet.on("shore", "insert into t values (1, null, 'x'), (2, '', null), (3, 'a', 'b')");
        fleet.on("ship", "insert into t values (1, '', 'x'), (2, null, ''), (3, 'a', 'b')");

        assertThat(keys(fleet.verify("t"))).containsExactly("different 1", "different 2");
    }

    @Test
    void v02ValuesDoNotRunIntoEachOther() throws Exception {
        fleet.both("create table t (id int primary key, a text, b text)");
        fleet.on("shore", "insert into t values (1, 'a', 'bc'), (2, 'x', null)");
        fleet.on("ship", "insert into t values (1, 'ab', 'c'), (2, null, 'x')");

        assertThat(keys(fleet.verify("t"))).containsExactly("different 1", "different 2");
    }

    @Test
    void v03NumericScale() throws Exception {
        fleet.both("create table t (id int primary key, n numeric)");
        fleet.on("shore", "insert into t values (1, 1.0), (2, 2)");
        fleet.on("ship", "insert into t values (1, 1.00), (2, 2)");

        assertThat(keys(fleet.verify("t"))).containsExactly("different 1");
    }

    @Test
    void v03AWiderTypeThatPrintsTheSameIsNoDifference() throws Exception {
        fleet.on("shore", "create table t (id int primary key, n numeric(8,2), v varchar(9))");
        fleet.on("ship", "create table t (v text, n numeric, id bigint primary key)");
        fleet.both("insert into t (id, n, v) select i, i / 4.0 , 'v' || i from generate_series(1, 200) i");
        fleet.on("ship", "update t set n = n::numeric(8,2)");

        VerifyResult result = fleet.verify("t");

        assertThat(result.isMatch()).isTrue();
        assertThat(result.notes()).anyMatch(note -> note.contains("numeric(8,2)"));
    }

    @Test
    void v04EnumsWhoseOidsDiffer() throws Exception {
        fleet.on("ship", "create table other (id serial); create type other_mood as enum ('x')");
        fleet.both("create type mood as enum ('sad', 'glad'); create table t (m mood primary key, n mood[])");
        fleet.both("insert into t values ('sad', '{glad,sad}'), ('glad', null)");

        assertThat(fleet.verify("t").isMatch()).isTrue();

        fleet.on("ship", "update t set n = '{sad}' where m = 'glad'");
        assertThat(keys(fleet.verify("t"))).containsExactly("different glad");
    }

    @Test
    void v05SettingsOfRolesAndDatabasesDiffer() throws Exception {
        fleet.both(
                "create table t (id int primary key, at timestamptz, d date, i interval, f float8, b bytea, x xml, m money)");
        fleet.both(
                "insert into t values (1, '2024-03-01 12:00:00+00', '2024-03-01', '1 year 2 days 03:00', 0.1::float8 + 0.2,"
                        + " '\\x00ff', '<a/>', 12.5)");
        String ship = fleet.value("ship", "select current_database()");
        for (String setting : new String[] {
            "datestyle = 'German, DMY'",
            "timezone = 'Asia/Seoul'",
            "extra_float_digits = -5",
            "bytea_output = 'escape'",
            "intervalstyle = 'iso_8601'",
            "xmloption = 'document'",
            "default_transaction_isolation = 'serializable'",
            "search_path = 'pg_catalog'"
        }) {
            fleet.on("ship", "alter database " + ship + " set " + setting);
        }

        assertThat(fleet.verify("t").isMatch()).isTrue();
        fleet.on("ship", "update public.t set f = 0.3");
        assertThat(keys(fleet.verify("t"))).containsExactly("different 1");
    }

    @Test
    void v06TextKeysOfOtherCollationsAreCutIntoTheSameRanges() throws Exception {
        fleet.on("shore", "create table t (k text collate \"C\" primary key, v int)");
        fleet.on("ship", "create table t (k text collate \"und-x-icu\" primary key, v int)");
        fleet.both(
                "insert into t select case when i % 2 = 0 then 'B' else 'a' end || i || case i % 3 when 0 then '-x' else '_X' end, i"
                        + " from generate_series(1, 20000) i; analyze t");
        fleet.on(
                "ship",
                "delete from t where v in (17, 9000); update t set v = -1 where v = 12345;"
                        + " insert into t values ('Ä', 1), ('', 2)");

        VerifyResult result = fleet.verify(plan("t").with(o -> o.withChunkTime(Duration.ofMillis(2))));

        assertThat(result.chunks()).isGreaterThan(3);
        assertThat(result.rowsHere()).isEqualTo(20_000);
        assertThat(result.rowsThere()).isEqualTo(20_000);
        assertThat(keys(result))
                .containsExactly("different a12345-x", "extra ", "extra Ä", "missing B9000-x", "missing a17_X");
    }

    @Test
    void v08AMassDeleteIsStoppedByTheBrake() throws Exception {
        fleet.both("create table t (id int primary key, v text)");
        fleet.both("insert into t select i, 'v' from generate_series(1, 100) i");
        fleet.on("shore", "delete from t where id <= 21");
        fleet.on("ship", "update t set v = 'changed' where id = 50");
        VerifyPlan repair = plan("t").with(o -> o.withRepair(Repair.APPLY));

        assertThatThrownBy(() -> fleet.verify(repair))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("21 of 100 rows")
                .hasMessageContaining("nothing was changed")
                .extracting(e -> ((OperatorException) e).hint())
                .asString()
                .contains("maxDeletes 100.percent");
        assertThat(fleet.value("ship", "select count(*) filter (where v = 'changed') || ' ' || count(*) from t"))
                .isEqualTo("1 100");

        VerifyResult lifted = fleet.verify(repair.with(o -> o.withMaxDeletes(DeleteBrake.of(Ratio.percent(100)))));

        assertThat(lifted.repaired()).isEqualTo(22);
        assertThat(lifted.isMatch()).isTrue();
        assertThat(fleet.verify("t").isMatch()).isTrue();
    }

    @Test
    void v09SequencesBehindTheRowsAreToldAndMovedOnByARepair() throws Exception {
        fleet.both("create table t (id serial primary key, v text)");
        fleet.on("shore", "insert into t (v) select 'v' from generate_series(1, 10)");
        fleet.on("ship", "insert into t select i, 'v' from generate_series(1, 9) i");

        assertThat(fleet.verify("t").notes()).anyMatch(note -> note.contains("t_id_seq") && note.contains("up to 9"));
        VerifyResult repaired = fleet.verify(plan("t").with(o -> o.withRepair(Repair.APPLY)));

        assertThat(repaired.isMatch()).isTrue();
        assertThat(repaired.notes()).noneMatch(note -> note.contains("t_id_seq"));
        fleet.on("ship", "insert into t (v) values ('next')");
        assertThat(fleet.value("ship", "select max(id) from t")).isEqualTo("11");
    }

    /** The same database under another name may not pass for a copy of itself. */
    @Test
    void aTableIsNotComparedWithItself() {
        fleet.on("shore", "create table t (id int primary key)");
        DatabaseSettings shore = fleet.login("shore");
        DatabaseSettings alias = new DatabaseSettings("ship", shore.url(), "postgres", null, 8, null, true);
        try (VerifyFleet twice =
                new VerifyFleet(TestServers.settings("shore", TestServers.shore(), name(shore)), alias)) {
            assertThatThrownBy(() -> twice.verify("t")).hasMessageContaining("one and the same table");
        }
    }

    private static String name(DatabaseSettings settings) {
        return settings.url().substring(settings.url().lastIndexOf('/') + 1);
    }
}
