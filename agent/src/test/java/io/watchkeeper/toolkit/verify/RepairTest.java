package io.watchkeeper.toolkit.verify;

import static io.watchkeeper.toolkit.verify.VerifyFleet.keys;
import static io.watchkeeper.toolkit.verify.VerifyFleet.plan;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Ratio;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepairTest {

    private final VerifyFleet fleet = new VerifyFleet();

    @TempDir
    private Path folder;

    private static VerifyOptions apply(VerifyOptions options) {
        return options.withRepair(Repair.APPLY).withMaxDeletes(DeleteBrake.of(Ratio.percent(100)));
    }

    private static VerifyOptions script(VerifyOptions options) {
        return options.withRepair(Repair.PLAN);
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    private void assertSame(String sql) {
        assertThat(fleet.rows("ship", sql)).isEqualTo(fleet.rows("shore", sql));
    }

    private void differ() {
        fleet.both(
                "create table t (id int primary key, v text, at timestamptz, b bytea, n numeric, twice int generated always as (id * 2) stored)");
        fleet.both(
                "insert into t select i, 'it''s \\ ' || i, '2024-01-01Z'::timestamptz + i * interval '1 h', decode(lpad(to_hex(i), 8, '0'), 'hex'), i / 4.0"
                        + " from generate_series(1, 3000) i; insert into t values (4000, null, null, '', 0)");
        fleet.on(
                "ship",
                "delete from t where id % 100 = 0; update t set v = 'changed' where id % 101 = 0;"
                        + " update t set v = '' where id = 4000; insert into t values (-1, 'only here')");
    }

    @Test
    void applyMakesTheRowsEqualAndProvesIt() throws Exception {
        differ();

        VerifyResult result = fleet.verify(plan("t").with(RepairTest::apply), folder);

        assertThat(result.found()).isEqualTo(30 + 1 + 29 + 1);
        assertThat(result.repaired()).isEqualTo(result.found());
        assertThat(result.isMatch()).isTrue();
        assertThat(result.differences()).isZero();
        assertThat(result.file()).isNull();
        assertThat(result.fields())
                .containsEntry("verified", true)
                .containsEntry("repair", "apply")
                .containsEntry("found", 61L)
                .containsEntry("repaired", 61L);
        assertSame("select * from t order by id");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void planWritesStatementsThatMakeTheRowsEqual() throws Exception {
        differ();
        List<String> before = fleet.rows("ship", "select * from t order by id");

        VerifyResult result =
                fleet.verify(plan("t").with(RepairTest::script).with(o -> o.withListedKeys(5)), folder.resolve("run"));

        assertThat(fleet.rows("ship", "select * from t order by id")).isEqualTo(before);
        assertThat(result.differences()).isEqualTo(61);
        assertThat(result.repairSql()).hasSize(5).first().isEqualTo("DELETE FROM public.t WHERE id = '-1';");
        String script = Files.readString(result.repairFile());
        assertThat(script).contains("BEGIN;", "COMMIT;").doesNotContain("twice");
        fleet.on("ship", script);
        assertThat(fleet.verify("t").isMatch()).isTrue();
        assertSame("select * from t order by id");
    }

    @Test
    void aPlanWithoutAFolderListsItsStatements() throws Exception {
        differ();

        VerifyResult result = fleet.verify(plan("t").with(RepairTest::script));

        assertThat(result.repairFile()).isNull();
        fleet.on("ship", String.join("\n", result.repairSql()));
        assertThat(fleet.verify("t").isMatch()).isTrue();
    }

    /** Without a terminal psql takes the database's encoding for the file's. */
    @Test
    void aPlanMeansTheSameWhateverTheDatabasesEncoding() throws Exception {
        LocalServer server = TestServers.ship();
        String database = TestServers.freshDatabase(server);
        String latin = database + "_latin";
        TestServers.execute(
                server, "postgres", "create database " + latin + " encoding 'LATIN1' locale 'C' template template0");
        try (VerifyFleet other = new VerifyFleet(fleet.login("shore"), TestServers.settings("ship", server, latin))) {
            other.both("create table t (id int primary key, v text)");
            other.on("shore", "insert into t values (1, 'Düsseldorf')");
            VerifyResult result = other.verify(plan("t").with(RepairTest::script), folder.resolve("run"));

            Process psql = new ProcessBuilder(
                            TestServers.binaries().program("psql").toString(),
                            "-q",
                            "-h",
                            "127.0.0.1",
                            "-p",
                            String.valueOf(server.port()),
                            "-U",
                            "postgres",
                            latin)
                    .redirectInput(Objects.requireNonNull(result.repairFile()).toFile())
                    .redirectErrorStream(true)
                    .start();

            assertThat(new String(psql.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEmpty();
            assertThat(psql.waitFor()).isZero();
            assertThat(other.value("ship", "select v from t")).isEqualTo("Düsseldorf");
        } finally {
            TestServers.execute(server, "postgres", "drop database " + latin + " with (force)");
        }
    }

    /** Its value can only be given to a row that is written anew, and with the old one would go what refers to it. */
    @Test
    void aPlanDeletesNoRowsThatOthersReferTo() throws Exception {
        fleet.both("""
                create table t (id int primary key, n int generated always as identity, v text);
                create table child (t int references t on delete cascade);
                insert into t (id, v) values (1, 'a'), (2, 'b'); insert into child values (1)""");
        fleet.on("ship", "update t set v = 'x' where id = 1");

        assertThatThrownBy(() -> fleet.verify(plan("t").with(RepairTest::script)))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("rows of public.child refer to them")
                .extracting(e -> ((OperatorException) e).hint())
                .asString()
                .contains("repair apply");
        fleet.both("drop table child");
        assertThat(fleet.verify(plan("t").with(RepairTest::script)).repairSql()).hasSize(2);
    }

    @Test
    void valuesOfASecondUniqueColumnMayChangePlaces() throws Exception {
        fleet.both("create table t (id int generated always as identity primary key, u int unique)");
        fleet.on("shore", "insert into t (u) values (1), (2), (3)");
        fleet.on("ship", "insert into t (u) values (2), (3), (1); insert into t (u) values (9)");

        VerifyResult result = fleet.verify(plan("t").with(RepairTest::apply));

        assertThat(result.isMatch()).isTrue();
        assertSame("select * from t order by id");
    }

    @Test
    void childrenAreNotTakenAlongAndTriggersStaySilent() throws Exception {
        fleet.both("""
                create table t (id int primary key, v text);
                create table child (t int references t on delete cascade);
                create table audit (what text);
                create function note() returns trigger language plpgsql as 'begin insert into public.audit values (tg_op); return new; end';
                create trigger note after insert or delete on t for each row execute function note()""");
        fleet.both("insert into t values (1, 'a'), (2, 'b'); insert into child values (1), (1), (2); truncate audit");
        fleet.on("ship", "update t set v = 'x' where id = 1");

        assertThat(fleet.verify(plan("t").with(RepairTest::apply)).isMatch()).isTrue();
        assertThat(fleet.value("ship", "select (select count(*) from child) || ' ' || (select count(*) from audit)"))
                .isEqualTo("3 0");
    }

    @Test
    void aRepairThatWouldLeaveRowsReferringToNothingChangesNothing() throws Exception {
        fleet.both("create table t (id int primary key, v text); create table child (t int references t)");
        fleet.both("insert into t values (1, 'a'), (2, 'b')");
        fleet.on("shore", "delete from t where id = 2");
        fleet.on("ship", "insert into child values (2); update t set v = 'x' where id = 1");

        assertThatThrownBy(() -> fleet.verify(plan("t").with(RepairTest::apply)))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("refer to rows of public.t that are not there");
        assertThat(fleet.value("ship", "select string_agg(id || v, ' ' order by id) from t"))
                .isEqualTo("1x 2b");
    }

    @Test
    void partitionsAreRepairedThroughTheirRoot() throws Exception {
        fleet.on("shore", "create table p (id int primary key, v text)");
        fleet.on("ship", """
                create table p (id int primary key, v text) partition by range (id);
                create table p1 partition of p for values from (0) to (50); create table p2 partition of p default""");
        fleet.both("insert into p select i, 'v' from generate_series(1, 100) i");
        fleet.on("ship", "update p set v = 'x' where id between 49 and 51; delete from p where id = 99");

        assertThat(fleet.verify(plan("p").with(RepairTest::apply)).repaired()).isEqualTo(4);
        assertSame("select * from p order by id");
    }

    @Test
    void whatIsNotComparedIsNotLost() throws Exception {
        fleet.both("create table t (id int primary key, v text, w text)");
        fleet.both("insert into t values (1, 'a', 'keep')");
        fleet.on("ship", "update t set v = 'x', w = 'mine'");
        VerifyPlan some = plan("t").with(o -> o.withColumns(List.of("id", "v")));

        assertThatThrownBy(() -> fleet.verify(some.with(RepairTest::apply)))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("would lose the values of w");
        VerifyResult result = fleet.verify(some.with(RepairTest::script));
        assertThat(result.repairSql()).containsExactly("UPDATE public.t SET v = 'a' WHERE id = '1';");
    }

    @Test
    void keysThatPrintDifferentlyAndAreEqualAreRepairedOnce() throws Exception {
        fleet.both("create table t (k numeric primary key, v int)");
        fleet.on("shore", "insert into t select i::numeric(9, 1), i from generate_series(1, 3000) i");
        fleet.on("ship", "insert into t select i::numeric(9, 2), i from generate_series(1, 3000) i");

        assertThat(fleet.verify(plan("t").with(RepairTest::apply)).isMatch()).isTrue();
        assertSame("select * from t order by k");
    }

    @Test
    void aBrakeMayBeACount() throws Exception {
        fleet.both("create table t (id int primary key); insert into t select generate_series(1, 10)");
        fleet.on("ship", "insert into t values (11), (12)");
        VerifyPlan repair = plan("t").with(o -> o.withRepair(Repair.APPLY).withMaxDeletes(DeleteBrake.of(1)));

        assertThatThrownBy(() -> fleet.verify(repair))
                .hasMessageContaining("2 of 12 rows")
                .hasMessageContaining("1 rows");
        assertThat(fleet.verify(repair.with(o -> o.withMaxDeletes(DeleteBrake.of(2))))
                        .isMatch())
                .isTrue();
    }

    @Test
    void aRightThatIsMissingIsNamedBeforeAnythingIsRead() {
        String role = "repairer_" + ProcessHandle.current().pid();
        fleet.both("create table t (id int primary key)");
        fleet.both("do $$ begin create role " + role + " login; exception when duplicate_object then null; end $$;"
                + " grant select, insert on t to " + role);
        try (VerifyFleet limited = fleet.loggingInAs(role, role)) {
            assertThatThrownBy(() -> limited.verify(plan("t").with(RepairTest::apply)))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("lacks DELETE on public.t")
                    .extracting(e -> ((OperatorException) e).hint())
                    .isEqualTo("GRANT DELETE ON public.t TO " + role + ";");
        }
        fleet.both("drop owned by " + role + "; drop role " + role);
    }

    @Test
    void aTableThatAnotherAgentFillsIsNotRepairedBesideIt() throws Exception {
        differ();
        try (var other = TestServers.connect(fleet.login("ship"));
                var statement = other.createStatement()) {
            statement.execute("select pg_advisory_lock(hashtextextended('watchkeeper copy public.t', 0))");

            assertThatThrownBy(() -> fleet.verify(plan("t").with(RepairTest::apply)))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("is being filled by");
        }
        assertThat(fleet.value("ship", "select count(*) from t where v = 'changed'"))
                .isEqualTo("29");
    }

    @Test
    void rowsWithoutDifferencesAreLeftAlone() throws Exception {
        differ();
        String untouched = fleet.value("ship", "select xmin from t where id = 1");

        fleet.verify(plan("t").with(RepairTest::apply));
        VerifyResult again = fleet.verify(plan("t").with(RepairTest::apply));

        assertThat(fleet.value("ship", "select xmin from t where id = 1")).isEqualTo(untouched);
        assertThat(again.repaired()).isZero();
        assertThat(keys(again)).isEmpty();
    }
}
