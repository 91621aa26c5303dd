package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.StandbyServers;
import io.watchkeeper.testing.TestServers;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Partitions, foreign keys, encodings, standbys. */
class CopyShapesTest {

    private static final String PARTITIONED = """
            create table e (id int, at date) partition by range (at);
            create table e_2025 partition of e for values from ('2025-01-01') to ('2026-01-01');
            create table e_2026 (extra int, at date, id int); alter table e_2026 drop column extra;
            alter table e attach partition e_2026 for values from ('2026-01-01') to ('2027-01-01')""";

    private static final String ROWS = "insert into e select i, date '2025-07-01' + i from generate_series(0, 364) i";

    private Fleet fleet;

    @BeforeEach
    void open() {
        fleet = new Fleet();
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    @Test
    void aPartitionedTableIsCopiedLeafByLeaf() throws Exception {
        fleet.both(PARTITIONED);
        fleet.on("shore", ROWS);
        fleet.on("ship", "insert into e values (1, '2025-02-02')");

        CopyResult result = fleet.copy("e");

        assertThat(result.rowsWritten()).isEqualTo(365);
        assertThat(result.verified()).isTrue();
        assertThat(fleet.rows("ship", "select tableoid::regclass, * from e order by id"))
                .isEqualTo(fleet.rows("shore", "select tableoid::regclass, * from e order by id"));
    }

    @Test
    void onlyOneSideNeedsToBePartitioned() throws Exception {
        fleet.on("shore", PARTITIONED + ";" + ROWS);
        fleet.on("ship", "create table e (at date, id int)");
        assertThat(fleet.copy("e").rowsWritten()).isEqualTo(365);

        fleet.on("shore", "create table f (id int, at date); insert into f select * from e");
        fleet.on(
                "ship",
                "create table f (id int, at date) partition by hash (id);"
                        + " create table f_0 partition of f for values with (modulus 2, remainder 0);"
                        + " create table f_1 partition of f for values with (modulus 2, remainder 1)");
        assertThat(fleet.copy("f").rowsWritten()).isEqualTo(365);
        assertThat(fleet.value("ship", "select count(distinct tableoid) from f"))
                .isEqualTo("2");
    }

    @Test
    void partitionsMayBeCutAnyWayOnEitherSide() throws Exception {
        fleet.on("shore", """
                create table g (id int, at date, part text) partition by range (at);
                create table g_old partition of g for values from (minvalue) to ('2026-01-01');
                create table g_new partition of g for values from ('2026-01-01') to (maxvalue) partition by list (part);
                create table g_new_a partition of g_new for values in ('a');
                create table g_new_rest partition of g_new default;
                insert into g select i, date '2025-07-01' + i, chr(97 + i % 3) from generate_series(0, 364) i""");
        fleet.on("ship", """
                create table g (part text, id int, at date) partition by hash (id);
                create table g_0 (id int, gone int, at date, part text);
                alter table g_0 drop column gone; alter table g attach partition g_0 for values with (modulus 2, remainder 0);
                create table g_1 partition of g for values with (modulus 2, remainder 1) partition by list (part);
                create table g_1_a partition of g_1 for values in ('a', 'b');
                create table g_1_rest partition of g_1 default;
                insert into g values ('z', 999, '2026-01-01')""");

        CopyResult result = fleet.copy("g");

        assertThat(result.rowsWritten()).isEqualTo(365);
        assertThat(result.verified()).isTrue();
        assertThat(fleet.rows("ship", "select id, at, part from g order by id"))
                .isEqualTo(fleet.rows("shore", "select id, at, part from g order by id"));
        assertThat(fleet.value("ship", "select count(distinct tableoid) from g"))
                .isEqualTo("3");

        fleet.on("ship", "drop table g; create table g (at date, part text, id int)");
        assertThat(fleet.copy("g").rowsWritten()).isEqualTo(365);
        fleet.on("shore", "create table back as table g; drop table g; alter table back rename to g");
        fleet.on("ship", """
                drop table g; create table g (id int, at date, part text) partition by list (part);
                create table g_a partition of g for values in ('a') partition by range (id);
                create table g_a_1 partition of g_a default; create table g_rest partition of g default""");
        assertThat(fleet.copy("g").rowsWritten()).isEqualTo(365);
    }

    @Test
    void parentsAndInheritingChildrenAreCopiedEachByItself() throws Exception {
        String ddl =
                "create table p (id int, n text); create table c (more int) inherits (p); create table cc () inherits (c)";
        fleet.both(ddl);
        fleet.on(
                "shore",
                "insert into p values (1, 'p'); insert into c values (2, 'c', 20); insert into cc values (3, 'cc', 30)");
        fleet.on(
                "ship",
                "insert into p values (9, 'old p'); insert into c values (9, 'old c', 90); insert into cc values (9, 'old cc', 90)");

        assertThat(fleet.copy("p").rowsWritten()).isEqualTo(1);
        assertThat(fleet.rows("ship", "select tableoid::regclass, id, n from p order by 1, 2"))
                .containsExactlyInAnyOrder("p|1|p", "c|9|old c", "cc|9|old cc");

        assertThat(fleet.copyAll("public.*").results()).hasSize(3);
        assertThat(fleet.rows("ship", "select tableoid::regclass, id, n from p order by id"))
                .containsExactly("p|1|p", "c|2|c", "cc|3|cc");
    }

    /** Read by the verb and by patterns, in every statement there is: indexes, sequences, triggers, foreign keys, checksums. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "two\nlines",
                "quo\"te",
                "a b",
                "dots.in.it",
                "한국어",
                "스물한글자가되는이름은바이트로예순셋이된다",
                "per%cent\\back'slash",
                "SELECT",
                "$1 ? ${x} {0}"
            })
    void anyNameIsAName(String name) throws Exception {
        String quoted = '"' + name.replace("\"", "\"\"") + '"';
        TableName table = new TableName(name, name);
        assertThat(TableName.parse(table.quoted())).isEqualTo(table);
        fleet.both(("create schema @; create table @.@ (@ int generated by default as identity, v text);"
                        + " alter table @.@ add primary key (@);"
                        + " create type @.\"type\" as enum ('a'); alter table @.@ add column e @.\"type\"[]")
                .replace("@", quoted));
        fleet.on("shore", "insert into @.@ (v, e) values ('x', '{a}'), ('y', null)".replace("@", quoted));
        fleet.on("ship", "insert into @.@ (v) values ('old')".replace("@", quoted));

        CopyPlan plan = new CopyPlan(table, table, CopyOptions.DEFAULT.withRebuildIndexes(true));
        assertThat(fleet.copy(plan).rowsWritten()).isEqualTo(2);
        fleet.both("create table @.child (@ int references @.@)".replace("@", quoted));
        fleet.on("shore", "insert into @.child values (2)".replace("@", quoted));
        assertThat(fleet.copyAll(quoted + ".*").results()).hasSize(2);

        assertThat(fleet.rows("ship", "table @.@".replace("@", quoted))).containsExactly("1|x|{a}", "2|y|null");
        assertThat(fleet.value("ship", "insert into @.@ (v) values ('z') returning @".replace("@", quoted)))
                .isEqualTo("3");
        assertThat(new TableCopier(fleet.shore(), fleet.ship(), Fleet.WORK).describe(plan))
                .isNotEmpty();
    }

    @Test
    void aRowWithoutAPartitionLeavesEverythingAsItWas() {
        fleet.on("shore", PARTITIONED + ";" + ROWS);
        fleet.on(
                "ship",
                "create table e (id int, at date) partition by range (at);"
                        + " create table e_2025 partition of e for values from ('2025-01-01') to ('2026-01-01');"
                        + " insert into e values (1, '2025-02-02')");

        assertThatThrownBy(() -> fleet.copy("e")).hasMessageContaining("no partition of relation \"e\" found");
        assertThat(fleet.rows("ship", "select id from e")).containsExactly("1");
    }

    @Test
    void onePartitionCanBeCopiedAlone() throws Exception {
        fleet.both(PARTITIONED);
        fleet.on("shore", ROWS);
        fleet.on("ship", "insert into e values (1, '2025-02-02'), (2, '2026-02-02')");

        fleet.copy("e_2026");

        assertThat(fleet.value("ship", "select count(*) filter (where at < '2026-01-01'), count(*) from e"))
                .isEqualTo("1|182");
    }

    @Test
    void aReplacedParentKeepsItsChildrenWhenTheyStillFit() throws Exception {
        parentAndChild();
        fleet.on("shore", "insert into parent select i, 'new' from generate_series(1, 10) i");
        fleet.on("ship", "insert into parent values (1, 'old'), (3, 'old'); insert into child values (1, 1), (2, 3)");

        CopyResult result = fleet.copy("parent");

        assertThat(result.notes()).singleElement().asString().startsWith("rows are deleted instead of truncated");
        assertThat(fleet.value("ship", "select count(*), count(distinct name) from parent"))
                .isEqualTo("10|1");
        assertThat(fleet.value("ship", "select count(*) from child join parent on parent.id = child.parent"))
                .isEqualTo("2");
    }

    @Test
    void childrenThatWouldDangleStopTheCopyEvenWhereDeletesCascade() {
        parentAndChild();
        fleet.on("shore", "insert into parent values (1, 'new')");
        fleet.on("ship", "insert into parent values (1, 'old'), (3, 'old'); insert into child values (1, 1), (2, 3)");

        assertThatThrownBy(() -> fleet.copy("parent")).isInstanceOfSatisfying(OperatorException.class, e -> {
            assertThat(e)
                    .hasMessageContaining(
                            "1 rows of public.child in database 'ship' refer to rows of public.parent that are not there")
                    .hasMessageContaining("foreign key child_parent_fkey");
            assertThat(e.hint()).contains("copyTables 'public.parent', 'public.child'");
        });
        assertThat(fleet.value("ship", "select count(*), max(name) from parent"))
                .isEqualTo("2|old");
        assertThat(fleet.value("ship", "select count(*) from child")).isEqualTo("2");
    }

    @Test
    void aChildWithoutItsParentsIsRefused() {
        parentAndChild();
        fleet.on("shore", "insert into parent values (1, 'x'); insert into child values (1, 1), (2, null)");

        assertThatThrownBy(() -> fleet.copy("child")).hasMessageContaining("1 rows of public.child");
        assertThat(fleet.rows("ship", "select * from child")).isEmpty();
    }

    @Test
    void aTreeOfRowsInOneTableIsFine() throws Exception {
        fleet.both("create table n (id int primary key, parent int references n)");
        fleet.on("shore", "insert into n values (1, 2), (2, null), (3, 1)");
        fleet.on("ship", "insert into n values (9, 9)");

        assertThat(fleet.copy("n").rowsWritten()).isEqualTo(3);
    }

    @Test
    void encodingsMayDiffer() throws Exception {
        String latin = TestServers.freshDatabase(TestServers.ship()) + "_latin";
        fleet.on("ship", "create database " + latin + " encoding 'LATIN1' locale 'C' template template0");
        try (Fleet other = new Fleet(fleet.login("shore"), TestServers.settings("ship", TestServers.ship(), latin))) {
            other.both("create table t (id int, name text)");
            other.on("shore", "insert into t values (1, 'Übermäßig'), (2, 'plain')");

            CopyResult result = other.copy("t");

            assertThat(result.verified()).isTrue();
            assertThat(result.notes()).containsExactly("encodings differ (UTF8, LATIN1): texts are converted");
            assertThat(other.rows("ship", "select name from t order by id")).containsExactly("Übermäßig", "plain");

            other.on("shore", "insert into t values (3, '한국')");
            assertThatThrownBy(() -> other.copy("t")).hasMessageContaining("has no equivalent in encoding \"LATIN1\"");
            assertThat(other.value("ship", "select count(*) from t")).isEqualTo("2");
        }
    }

    @Test
    void serversThatPrintValuesDifferentlyStillVerify() throws Exception {
        fleet.both("create table t (at timestamptz, span interval, raw bytea, price money, f float8)");
        fleet.on(
                "ship",
                "do $$ begin execute format('alter database %I set datestyle = ''German''', current_database());"
                        + " execute format('alter database %I set bytea_output = ''escape''', current_database());"
                        + " execute format('alter database %I set intervalstyle = ''iso_8601''', current_database());"
                        + " execute format('alter database %I set extra_float_digits = 0', current_database()); end $$");
        fleet.on(
                "shore",
                "insert into t values ('2026-01-31 10:00:00.5+09', '1 mon -3 days', '\\x00ff', 12.5, 0.1::float4)");

        assertThat(fleet.copy("t").verified()).isTrue();
        assertThat(fleet.copy(CopyPlan.of(TableName.parse("t")).with(o -> o.withFormat(CopyFormat.TEXT)))
                        .verified())
                .isTrue();
    }

    @Test
    void readsFromAStandbyAndRefusesToWriteToOne() throws Exception {
        try (LocalServer primary = TestServers.own(Map.of())) {
            TestServers.execute(primary, "postgres", "create table t (id int); insert into t values (1)");
            try (LocalServer standby = StandbyServers.of(primary);
                    DatabasePools pools = new DatabasePools(List.of(
                            TestServers.settings("primary", primary, "postgres"),
                            TestServers.settings("standby", standby, "postgres")))) {
                DatabaseSettings ship = fleet.login("ship");
                fleet.on("ship", "create table t (id int)");
                try (DatabasePools target = new DatabasePools(List.of(ship))) {
                    CopyResult result = new TableCopier(pools.database("standby"), target.database("ship"), Fleet.WORK)
                            .copy(CopyPlan.of(TableName.parse("t")));
                    assertThat(result.rowsWritten()).isEqualTo(1);
                    assertThatThrownBy(() -> new TableCopier(
                                            target.database("ship"), pools.database("standby"), Fleet.WORK)
                                    .copy(CopyPlan.of(TableName.parse("t"))))
                            .hasMessage("database 'standby' is a standby and takes no writes");
                }
                assertThatThrownBy(
                                () -> new TableCopier(pools.database("standby"), pools.database("primary"), Fleet.WORK)
                                        .copy(CopyPlan.of(TableName.parse("t"))))
                        .hasMessageContaining("one and the same table");
            }
        }
    }

    private void parentAndChild() {
        fleet.both("create table parent (id int primary key, name text);"
                + " create table child (id int, parent int references parent on delete cascade)");
    }
}
