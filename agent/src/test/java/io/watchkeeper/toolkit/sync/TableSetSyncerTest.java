package io.watchkeeper.toolkit.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.Fleet;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TableSetSyncerTest {

    private static final List<String> TABLES = List.of("parent", "child", "grandchild", "lone");

    private Fleet fleet;

    @BeforeEach
    void makeTables() {
        fleet = new Fleet();
        fleet.both("""
                create table parent (id int primary key, v text);
                create table child (id int primary key, parent int not null references parent, v text);
                create table grandchild (id int primary key, child int references child on delete cascade, next int references grandchild);
                create table lone (id int primary key, v text)""");
        fleet.on("shore", """
                insert into parent select g, 'p' from generate_series(1, 100) g;
                insert into child select g, g % 100 + 1, 'c' from generate_series(1, 200) g;
                insert into grandchild select g, g % 200 + 1, g from generate_series(1, 300) g;
                insert into lone select g, 'l' from generate_series(1, 50) g""");
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    private SyncSetResult sync(SyncSetPlan plan) throws SQLException {
        return new TableSetSyncer(fleet.shore(), fleet.ship(), Fleet.WORK).sync(plan);
    }

    private SyncSetResult sync() throws SQLException {
        return sync(SyncSetPlan.of(List.of("public.*"), List.of()));
    }

    private void assertSame() {
        for (String table : TABLES) {
            assertThat(fleet.rows("ship", "select * from " + table + " order by id"))
                    .as(table)
                    .isEqualTo(fleet.rows("shore", "select * from " + table + " order by id"));
        }
    }

    @Test
    void bringsTablesThatReferToEachOther() throws SQLException {
        assertThat(sync().failures()).isEmpty();
        assertSame();
        fleet.on("shore", """
                delete from grandchild where id <= 20;
                delete from child where id in (select child from grandchild where id > 280) and id not in (select parent from child)
                   and not exists (select from grandchild where child = child.id);
                insert into parent values (1001, 'new');
                insert into child values (2001, 1001, 'new');
                insert into grandchild values (3001, 2001, 3001);
                update child set parent = 1001 where id = 5;
                update lone set v = 'x' where id = 3""");
        SyncSetResult result = sync();
        assertThat(result.failures()).isEmpty();
        assertSame();
        assertThat(result.results()).hasSize(4).allMatch(one -> one.mode() == SyncMode.XMIN);
    }

    @Test
    void leavesOutExceptions() throws SQLException {
        SyncSetResult result = sync(SyncSetPlan.of(List.of("public.*"), List.of("public.lone")));
        assertThat(result.results()).hasSize(3);
        assertThat(fleet.value("ship", "select count(*) from lone")).isEqualTo("0");
    }

    @Test
    void letsOneBadTableFailAlone() throws SQLException {
        sync();
        fleet.on("shore", """
                alter table child add column extra int;
                update parent set v = 'x' where id = 1; update child set v = 'x' where id = 1;
                update grandchild set next = 1 where id = 2; update lone set v = 'x' where id = 1""");
        SyncSetResult result = sync();
        assertThat(result.failures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.table()).isEqualTo(TableName.parse("child")));
        assertThat(result.results()).hasSize(3);
        assertThat(fleet.value("ship", "select v from parent where id = 1")).isEqualTo("x");
        assertThat(fleet.value("ship", "select next from grandchild where id = 2"))
                .isEqualTo("1");
        assertThat(fleet.value("ship", "select v from child where id = 1")).isEqualTo("c");
        assertThat(result.failure()).hasValueSatisfying(e -> assertThat(e).hasMessageContaining("child"));
    }

    @Test
    void leavesOutATableThatFailsWhileItIsBrought() throws SQLException {
        sync();
        fleet.on("ship", "alter table parent add check (v <> 'bad')");
        fleet.on(
                "shore", "update parent set v = 'bad' where id = 1; update lone set v = 'x'; update child set v = 'x'");
        SyncSetResult result = sync();
        assertThat(result.failures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.table()).isEqualTo(TableName.parse("parent")));
        assertThat(fleet.value("ship", "select count(*) from child where v = 'x'"))
                .isEqualTo("200");
        assertThat(fleet.value("ship", "select count(*) from lone where v = 'x'"))
                .isEqualTo("50");
    }

    @Test
    void refusesRowsThatReferToNothing() throws SQLException {
        sync();
        fleet.on("shore", "insert into parent values (1001, 'new'); insert into child values (2001, 1001, 'new')");
        TableSyncer alone = new TableSyncer(fleet.shore(), fleet.ship(), Fleet.WORK);
        assertThatThrownBy(() -> alone.sync(SyncPlan.of(TableName.parse("child"))))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("1 rows of public.child")
                .extracting(e -> ((OperatorException) e).hint())
                .asString()
                .contains("syncTables");
        assertThat(fleet.value("ship", "select count(*) from child")).isEqualTo("200");
    }

    @Test
    void bringsAllTablesToOneView() throws SQLException {
        SyncSetPlan plan = new SyncSetPlan(List.of("public.*"), List.of(), SyncOptions.DEFAULT, true);
        SyncSetResult result = sync(plan);
        assertThat(result.results()).hasSize(4);
        assertThat(result.results().stream().map(SyncResult::watermark).distinct())
                .hasSize(1);
        assertSame();
    }

    @Test
    void copiesTablesWithoutAKeyWhereAllRowsAreCompared() throws SQLException {
        fleet.both("create table keyless (a int)");
        fleet.on("shore", "insert into keyless values (1), (1), (2)");
        SyncSetResult result = sync(
                new SyncSetPlan(List.of("public.*"), List.of(), SyncOptions.DEFAULT.withMode(SyncMode.FULL), false));
        assertThat(result.failures()).isEmpty();
        assertThat(fleet.rows("ship", "select a from keyless order by 1")).containsExactly("1", "1", "2");
        assertThat(sync().failures()).hasSize(1);
    }

    @Test
    void describesEveryTable() throws SQLException {
        assertThat(new TableSetSyncer(fleet.shore(), fleet.ship(), Fleet.WORK)
                        .describe(SyncSetPlan.of(List.of("public.*"), List.of())))
                .anyMatch(action -> action.sql().contains("public.grandchild"));
        assertThat(fleet.value("ship", "select to_regclass('watchkeeper.sync_tables') is null"))
                .isEqualTo("t");
    }
}
