package io.watchkeeper.toolkit.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.TestServers;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StatementRunnerTest {

    private static final Work WORK = Work.unattended("sql test");

    private DatabasePools pools;
    private Database database;
    private StatementRunner runner;

    @BeforeEach
    void open() throws Exception {
        pools = TestServers.freshFleet();
        database = pools.database("shore");
        runner = new StatementRunner(database, WORK);
        try (Session session = database.open(WORK)) {
            session.update(
                    "create table t (id int primary key, name text); insert into t select i, 'n' || i from generate_series(1, 1000) i;"
                            + " create sequence s; create function grow() returns int language sql as 'insert into t values (5000) returning 1'");
            session.update("analyze t");
        }
    }

    @AfterEach
    void close() {
        pools.close();
    }

    @Test
    void queriesWithBoundParameters() throws Exception {
        QueryResult result =
                runner.query("select id, name from t where id = ? or name = ? order by id", "1", "n2'; drop table t");

        assertThat(result.rows()).containsExactly(Map.of("id", 1, "name", "n1"));
        assertThat(result.fields())
                .containsEntry("database", "shore")
                .containsEntry("rowsRead", 1)
                .containsKeys("durationMs", "rows");
    }

    @Test
    void theRunDocumentHoldsTheFirstRowsOnly() throws Exception {
        QueryResult result = runner.query("select id from t");

        assertThat(result.rows()).hasSize(1000);
        assertThat(result.fields().get("rowsRead")).isEqualTo(1000);
        assertThat((List<?>) result.fields().get("rows")).hasSize(100);
    }

    @Test
    void endlessResultsAreRefusedBeforeTheyFillTheMemory() {
        assertThatThrownBy(() -> runner.query("select generate_series(1, 10000000)"))
                .isInstanceOfSatisfying(OperatorException.class, e -> {
                    assertThat(e).hasMessageContaining("more than 100,000 rows");
                    assertThat(e.hint()).contains("LIMIT");
                });
    }

    @Test
    void executesAndCountsRows() throws Exception {
        ExecuteResult result = runner.execute("update t set name = ? where id <= ?", "x", 10);

        assertThat(result.rowsWritten()).isEqualTo(10);
        assertThat(result.fields()).containsEntry("rowsWritten", 10L);
        assertThat(runner.query("update t set name = 'y' where id = 1").rows()).isEmpty();
        assertThat(runner.query("select name from t where id = 1").rows()).containsExactly(Map.of("name", "y"));
    }

    @Test
    void severalStatementsAreOneTransaction() throws Exception {
        assertThatThrownBy(() -> runner.execute("delete from t; select 1/0")).isInstanceOf(SQLException.class);

        assertThat(runner.query("select count(*) as n from t").rows()).containsExactly(Map.of("n", 1000L));
    }

    @Test
    void statementsThatAllowNoTransactionWork() throws Exception {
        runner.execute("create index concurrently on t (name)");
        runner.execute("vacuum t");

        assertThat(runner.query("select count(*) as n from pg_index where indrelid = 't'::regclass")
                        .rows())
                .containsExactly(Map.of("n", 2L));
    }

    @Test
    void aDryRunReadsWhatOnlyReads() throws Exception {
        QueryPlan plan = runner.describeQuery("select id from t where id < ?", 3);

        assertThat(plan.rows()).containsExactly(Map.of("id", 1), Map.of("id", 2));
        assertThat(plan.actions()).singleElement().satisfies(a -> {
            assertThat(a.sql()).isEqualTo("select id from t where id < ?");
            assertThat(a.lock()).isEqualTo(LockLevel.ACCESS_SHARE);
            assertThat(a.rows()).isBetween(1L, 10L);
        });
        assertThat(runner.describeQuery("select pg_current_wal_lsn() is not null as here, random() < 2 as r")
                        .rows())
                .containsExactly(Map.of("here", true, "r", true));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "delete from t returning id",
                "with gone as (delete from t returning id) select * from gone",
                "select nextval('s')",
                "select grow()",
                "select pg_switch_wal()",
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'victim'",
                "select \"pg_catalog\".\"setval\" ('s', 9)",
                "select id into copy from t",
                "select 1; delete from t",
            })
    void aDryRunNeverRunsWhatMayChangeSomething(String sql) throws Exception {
        String before = state();

        try (Session victim = database.open(Work.unattended("victim"))) {
            QueryPlan plan = runner.describeQuery(sql);

            assertThat(plan.rows()).isEmpty();
            assertThat(plan.actions()).allSatisfy(a -> assertThat(a.note()).contains("not run in a dry run"));
            assertThat(victim.query("select 1 as one")).hasSize(1);
        }
        assertThat(state()).isEqualTo(before);
    }

    @Test
    void describesWritesByTheirPlan() throws Exception {
        String before = state();

        List<PlannedAction> actions = runner.describeExecute(
                "delete from t where id > ?; insert into t select i, ? from generate_series(1, 50) i; truncate t",
                500,
                "x");

        assertThat(actions)
                .extracting(a -> a.sql().substring(0, 8) + " " + a.lock())
                .containsExactly("delete f ROW EXCLUSIVE", "insert i ROW EXCLUSIVE", "truncate ACCESS EXCLUSIVE");
        assertThat(actions.get(0).rows()).isBetween(450L, 550L);
        assertThat(actions.get(1).rows()).isEqualTo(50);
        assertThat(actions.get(2).rows()).isEqualTo(-1);
        assertThat(state()).isEqualTo(before);
    }

    @Test
    void whatCannotBePlannedYetSaysWhy() throws Exception {
        assertThat(runner.describeExecute("insert into later values (1)"))
                .singleElement()
                .satisfies(a -> {
                    assertThat(a.note()).startsWith("cannot be planned now: relation \"later\" does not exist");
                    assertThat(a.rows()).isEqualTo(-1);
                });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "SELECT 1; ACCESS_SHARE",
                "select * from t for update; ROW_SHARE",
                "/* drop */ insert into t values (1); ROW_EXCLUSIVE",
                "with x as (select 1) update t set i = 1; ROW_EXCLUSIVE",
                "create index on t (i); SHARE",
                "create unique index concurrently on t (i); SHARE_UPDATE_EXCLUSIVE",
                "create trigger g before insert on t execute function f(); SHARE_ROW_EXCLUSIVE",
                "create table t (i int); NONE",
                "alter table t add column c int; ACCESS_EXCLUSIVE",
                "alter table t validate constraint c; SHARE_UPDATE_EXCLUSIVE",
                "drop table t; ACCESS_EXCLUSIVE",
                "drop index concurrently i; SHARE_UPDATE_EXCLUSIVE",
                "drop role r; NONE",
                "vacuum (full) t; ACCESS_EXCLUSIVE",
                "vacuum t; SHARE_UPDATE_EXCLUSIVE",
                "reindex table concurrently t; SHARE_UPDATE_EXCLUSIVE",
                "refresh materialized view concurrently m; EXCLUSIVE",
                "lock table t in share row exclusive mode; SHARE_ROW_EXCLUSIVE",
                "lock t; ACCESS_EXCLUSIVE",
                "grant select on t to r; NONE",
            })
    void knowsTheLocksOfStatements(String sql, LockLevel lock) {
        assertThat(StatementLock.of(SqlStatement.split(sql).get(0))).isEqualTo(lock);
    }

    @Test
    void splitsStatementsAsTheServerReadsThem() {
        List<SqlStatement> statements = SqlStatement.split("""
                select ';', E'a\\';b', "odd;name"(1), a ?? 'k' from t where x = ? /* ; /* ? */ ; */ and y = ? -- ; ?
                ;; do $x$ begin perform 1; end; $x$; update "T" set a = $$?;$$ ;""");

        assertThat(statements).extracting(SqlStatement::kind).containsExactly("select", "do", "update");
        assertThat(statements).extracting(SqlStatement::parameters).containsExactly(2, 0, 0);
        assertThat(statements.get(0).calls()).containsExactly("odd;name");
    }

    private String state() throws SQLException {
        try (Session session = database.open(WORK)) {
            return session.one(
                    "select concat_ws(' ', (select count(*) from t), (select sum(hashtext(t::text)) from t), last_value, is_called,"
                            + " to_regclass('copy')) from s",
                    row -> row.getString(1));
        }
    }
}
