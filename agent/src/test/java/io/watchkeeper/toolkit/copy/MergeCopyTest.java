package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows that are merged into those the target has, by their key. */
class MergeCopyTest {

    private static final CopyPlan T = merge("t");

    private Fleet fleet;

    @BeforeEach
    void open() {
        fleet = new Fleet();
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    private static CopyPlan merge(String table) {
        return CopyPlan.of(TableName.parse(table)).with(o -> o.withStrategy(CopyStrategy.MERGE));
    }

    private static CopyPlan by(CopyPlan plan, String... key) {
        return plan.with(o -> o.withMergeBy(o.mergeBy().withColumns(List.of(key))));
    }

    @Test
    void addsNewRowsChangesDifferentOnesAndLeavesTheOthersAlone() throws Exception {
        fleet.both("create table t (id int primary key, name text, at timestamptz default '2026-01-01')");
        fleet.on("shore", "insert into t values (1, 'same'), (2, 'changed'), (3, null), (4, 'added')");
        fleet.on("ship", "insert into t values (1, 'same'), (2, 'old'), (3, 'was set'), (9, 'only here')");
        String before = fleet.value("ship", "select ctid || ' ' || xmin from t where id = 1");

        CopyResult result = fleet.copy(T);

        assertThat(fleet.rows("ship", "select id, name from t order by id"))
                .containsExactly("1|same", "2|changed", "3|null", "4|added", "9|only here");
        assertThat(fleet.value("ship", "select ctid || ' ' || xmin from t where id = 1"))
                .isEqualTo(before);
        assertThat(fleet.value("ship", "select xmax from t where id = 1")).isEqualTo("0");
        assertThat(result.rowsRead()).isEqualTo(4);
        assertThat(result.rowsWritten()).isEqualTo(3);
        assertThat(result.fields()).containsEntry("mode", "merge").containsEntry("verified", true);
        assertThat(result.stages().keySet())
                .containsExactly(
                        CopyResult.Stage.EXTRACT,
                        CopyResult.Stage.LOAD,
                        CopyResult.Stage.MERGE,
                        CopyResult.Stage.VERIFY,
                        CopyResult.Stage.ANALYZE);
        assertThat(fleet.copy(T).rowsWritten()).isZero();
    }

    @Test
    void a01ValuesOfASecondUniqueColumnMayChangePlaces() throws Exception {
        fleet.both("create table t (id int primary key, place int unique, note text)");
        fleet.on("shore", "insert into t values (1, 20, 'a'), (2, 10, 'b'), (3, 30, 'c')");
        fleet.on("ship", "insert into t values (1, 10, 'a'), (2, 20, 'b'), (3, 30, 'c')");
        String before = fleet.value("ship", "select ctid from t where id = 3");

        assertThat(fleet.copy(T).rowsWritten()).isEqualTo(2);

        assertThat(fleet.rows("ship", "select * from t order by id")).containsExactly("1|20|a", "2|10|b", "3|30|c");
        assertThat(fleet.value("ship", "select ctid from t where id = 3")).isEqualTo(before);
    }

    @Test
    void aValueThatARowOfTheTargetAloneHoldsIsSaidAndNothingChanges() {
        fleet.both("create table t (id int primary key, place int unique)");
        fleet.on("shore", "insert into t values (1, 10)");
        fleet.on("ship", "insert into t values (7, 10)");

        assertThatThrownBy(() -> fleet.copy(T)).isInstanceOfSatisfying(OperatorException.class, e -> {
            assertThat(e).hasMessageContaining("t_place_key");
            assertThat(e.hint()).contains("a row that only the target has");
        });
        assertThat(fleet.rows("ship", "select * from t")).containsExactly("7|10");
    }

    @Test
    void seesDifferencesThatAreEqualAndTypesThatCannotBeCompared() throws Exception {
        fleet.both("create table t (id int primary key, n numeric, j json, p point, x xml, f float8, i interval)");
        fleet.on("shore", """
                insert into t values (1, 1.00, '{"a": 1}', '(1,2)', '<a/>', -0.0, '1 mon'), (2, 2, '[1]', null, null, 'NaN', '1 day'),
                  (3, null, null, null, null, null, null)""");
        fleet.on("ship", """
                insert into t values (1, 1.0, '{"a":1}', '(1,2)', '<b/>', 0.0, '30 days'), (2, 2, '[1]', null, null, 'NaN', '1 day'),
                  (3, null, null, null, null, null, null)""");

        assertThat(fleet.copy(T).rowsWritten()).isEqualTo(1);

        assertThat(fleet.rows("ship", "select * from t order by id"))
                .isEqualTo(fleet.rows("shore", "select * from t order by id"));
    }

    @Test
    void identityAlwaysGeneratedColumnsAndSequencesAreKept() throws Exception {
        fleet.both("""
                create table t (id int generated always as identity primary key, name text, twice text generated always as (name || name) stored);
                create table u (code text primary key, number int generated always as identity)""");
        fleet.on("shore", """
                insert into t (id, name) overriding system value values (5, 'a'), (70, 'b');
                insert into u overriding system value values ('a', 5), ('b', 70)""");
        fleet.on("ship", """
                insert into t (id, name) overriding system value values (5, 'old');
                insert into u overriding system value values ('a', 1), ('c', 3)""");

        fleet.copy(T);
        fleet.copy(merge("u"));
        fleet.on("ship", "insert into t (name) values ('next'); insert into u (code) values ('next')");

        assertThat(fleet.rows("ship", "select * from t order by id"))
                .containsExactly("5|a|aa", "70|b|bb", "71|next|nextnext");
        assertThat(fleet.rows("ship", "select * from u order by code"))
                .containsExactly("a|5", "b|70", "c|3", "next|71");
    }

    @Test
    void aKeyOfSeveralQuotedColumnsFindsItsRowsAndSpelling() throws Exception {
        fleet.both("create table t (\"T id\" text, \"no\" numeric, v text, unique (\"no\", \"T id\"))");
        fleet.on("shore", "insert into t values ('a', 1.00, 'new'), ('a', 2, 'x'), ('b', 1, null)");
        fleet.on("ship", "insert into t values ('a', 1.0, 'old'), ('a', 2, 'x'), ('c', 1, 'stays')");

        assertThat(fleet.copy(by(T, "T id", "no")).rowsWritten()).isEqualTo(2);

        assertThat(fleet.rows("ship", "select * from t order by 1, 2"))
                .containsExactly("a|1.00|new", "a|2|x", "b|1|null", "c|1|stays");
    }

    @Test
    void withoutAKeyItIsRefusedWithWhatToWrite() {
        fleet.both("create table t (id int, code text not null, name text)");
        assertThatThrownBy(() -> fleet.copy(T))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.hint()).contains("give it one, or name the columns"))
                .hasMessageContaining("public.t in database 'ship' has no primary key");

        fleet.on("ship", "create unique index on t (code)");
        assertThatThrownBy(() -> fleet.copy(T))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.hint()).contains("key 'code'"));
        assertThatThrownBy(() -> fleet.copy(by(T, "cod")))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.hint()).contains("did you mean 'code'"));
    }

    @Test
    void aMissingIndexIsRefusedWithItsStatementOrMade() throws Exception {
        fleet.both("create table t (id int, name text); create index on t (id)");
        fleet.on("shore", "insert into t select i, 'n' || i from generate_series(1, 100) i");
        fleet.on("ship", "insert into t values (1, 'old')");
        String statement = "CREATE UNIQUE INDEX CONCURRENTLY t_id_watchkeeper_key ON public.t (id)";

        assertThatThrownBy(() -> fleet.copy(by(T, "id")))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.hint()).contains(statement, "createKeyIndex true"));

        CopyPlan making = by(T, "id").with(o -> o.withMergeBy(o.mergeBy().withCreateIndex(true)));
        List<PlannedAction> actions = new TableCopier(fleet.shore(), fleet.ship(), new ReadOnlyWork()).describe(making);
        assertThat(actions.get(0).sql()).isEqualTo(statement);
        assertThat(actions).anySatisfy(a -> assertThat(a.sql()).contains("CREATE TEMP TABLE watchkeeper_merge"));
        assertThat(actions).anySatisfy(a -> assertThat(a.sql()).contains("ON CONFLICT (id) DO UPDATE SET name"));
        assertThat(fleet.rows("ship", "select * from t")).containsExactly("1|old");

        // What an attempt that was killed leaves behind.
        fleet.on(
                "ship",
                statement
                        + "; update pg_index set indisvalid = false where indexrelid = 't_id_watchkeeper_key'::regclass");
        assertThat(fleet.copy(making).rowsWritten()).isEqualTo(100);
        assertThat(
                        fleet.rows(
                                "ship",
                                "select indexrelid::regclass from pg_index where indrelid = 't'::regclass and indisvalid and indisunique"))
                .containsExactly("t_id_watchkeeper_key");
        assertThat(fleet.copy(by(T, "id")).rowsWritten()).isZero();
    }

    @Test
    void anIndexThatCannotBeMadeLeavesNothingBehind() {
        fleet.both("create table t (id int, name text)");
        fleet.on("ship", "insert into t values (1, 'a'), (1, 'b')");

        assertThatThrownBy(() -> fleet.copy(
                        by(T, "id").with(o -> o.withMergeBy(o.mergeBy().withCreateIndex(true)))))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("could not be made")
                .hasMessageContaining("(id)=(1)");
        assertThat(fleet.rows("ship", "select 1 from pg_index where indrelid = 't'::regclass"))
                .isEmpty();
    }

    @Test
    void aSourceWhoseKeyIsMissingOrDoubledIsRefusedAndNothingChanges() {
        fleet.on("shore", "create table t (id int, name text); insert into t values (1, 'a'), (1, 'b')");
        fleet.on("ship", "create table t (id int unique, name text); insert into t values (1, 'old')");
        assertThatThrownBy(() -> fleet.copy(by(T, "id")))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("rows of public.t have the same id")
                .hasMessageContaining("(id)=(1)");

        fleet.on("shore", "truncate t; insert into t values (null, 'a')");
        assertThatThrownBy(() -> fleet.copy(by(T, "id")))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("column \"id\"");
        assertThat(fleet.rows("ship", "select * from t")).containsExactly("1|old");
    }

    @Test
    void someColumnsAreMergedAndTheOthersStay() throws Exception {
        fleet.both("create table t (id int primary key, name text, mine text default 'new')");
        fleet.on("shore", "insert into t values (1, 'a', 'x'), (2, 'b', 'y')");
        fleet.on("ship", "insert into t values (1, 'old', 'kept')");
        CopyPlan some = T.with(o -> o.withColumns(List.of("id", "name")));

        fleet.copy(some);
        assertThat(fleet.rows("ship", "select * from t order by id")).containsExactly("1|a|kept", "2|b|new");

        fleet.on("ship", "alter table t add unique (name)");
        assertThatThrownBy(() -> fleet.copy(some))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("mine would be lost");
    }

    @Test
    void rowsThatOthersReferToAreChangedWithoutTakingThoseAlong() throws Exception {
        fleet.both("""
                create table t (id int primary key, code int unique, name text);
                create table c (t int references t on delete cascade, code int references t (code))""");
        fleet.on("shore", "insert into t values (1, 20, 'a'), (2, 10, 'b')");
        fleet.on("ship", "insert into t values (1, 10, 'a'), (2, 20, 'b'); insert into c values (1, 10), (2, 20)");

        fleet.copy(T);
        assertThat(fleet.rows("ship", "select * from c order by t")).containsExactly("1|10", "2|20");

        fleet.on("shore", "update t set code = 99 where id = 2");
        assertThatThrownBy(() -> fleet.copy(T))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("1 rows of public.c in database 'ship' refer to rows of public.t");
        assertThat(fleet.rows("ship", "select * from t order by id")).containsExactly("1|20|a", "2|10|b");
    }

    @Test
    void partitionedTargetsAndSetsOfTablesAreMerged() throws Exception {
        fleet.on(
                "shore",
                "create table a (id int primary key, v text); create table b (id int primary key, a int references a)");
        fleet.on("ship", """
                create table a (id int primary key, v text) partition by range (id);
                create table a1 partition of a for values from (0) to (10); create table a2 partition of a default;
                create table b (id int primary key, a int references a); insert into a values (1, 'old'), (50, 'only')""");
        fleet.on("shore", "insert into a values (1, 'one'), (20, 'two'); insert into b values (1, 20)");

        TableSetResult result = new TableSetCopier(fleet.shore(), fleet.ship(), Fleet.WORK)
                .copy(new TableSetPlan(
                        List.of("public.*"), List.of(), CopyOptions.DEFAULT.withStrategy(CopyStrategy.MERGE)));

        assertThat(result.failure()).isEmpty();
        assertThat(fleet.rows("ship", "select tableoid::regclass, * from a order by id"))
                .containsExactly("a1|1|one", "a2|20|two", "a2|50|only");
        assertThat(fleet.rows("ship", "select * from b")).containsExactly("1|20");
    }

    @Test
    void aKilledBackendLeavesTheRowsAsTheyWere() {
        fleet.both("create table t (id int primary key, name text)");
        fleet.on("shore", "insert into t select i, repeat('x', 1000) from generate_series(1, 2000) i");
        fleet.on("ship", "insert into t values (1, 'old')");
        CopyPlan slow = T.with(o -> o.withPace(Pace.FREE.withRateLimit(Bytes.megabytes(1))));
        var work = new io.watchkeeper.testing.StoppableWork("killed merge");
        CopyFaultsTest.inTheMiddle(
                work,
                () -> fleet.on(
                        "ship",
                        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'killed merge'"));

        assertThatThrownBy(() -> fleet.copy(slow, work)).isInstanceOf(OperatorException.class);

        assertThat(fleet.rows("ship", "select * from t")).containsExactly("1|old");
    }

    @Test
    void readersAndOtherWritersGoOnWhileRowsAreMerged() throws Exception {
        fleet.both("create table t (id int primary key, name text)");
        fleet.on("shore", "insert into t values (1, 'new'), (2, 'new')");
        fleet.on("ship", "insert into t values (1, 'old'), (7, 'mine')");
        try (Connection other = io.watchkeeper.testing.TestServers.connect(fleet.login("ship"));
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("select * from t; update t set name = 'mine too' where id = 7");

            fleet.copy(T);

            other.commit();
        }
        assertThat(fleet.rows("ship", "select * from t order by id")).containsExactly("1|new", "2|new", "7|mine too");
    }
}
