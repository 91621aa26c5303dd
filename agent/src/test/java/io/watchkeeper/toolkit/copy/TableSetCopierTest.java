package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Bytes;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TableSetCopierTest {

    private static final String FAMILY = """
            create table child (id int primary key, parent int);
            create table parent (id int primary key, top int);
            create table top (id int primary key, favourite int);
            alter table child add foreign key (parent) references parent on delete cascade;
            alter table parent add foreign key (top) references top;
            create table lonely (id int)""";

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
    void copiesReferencedTablesFirstAndReplacesAllRows() throws Exception {
        fleet.both(FAMILY);
        fleet.on(
                "shore",
                "insert into top select i from generate_series(1, 10) i; insert into parent select i, i from generate_series(1, 10) i;"
                        + " insert into child select i, i % 10 + 1 from generate_series(1, 100) i; insert into lonely values (1)");
        fleet.on(
                "ship",
                "insert into top values (77); insert into parent values (77, 77); insert into child values (1, 77)");

        TableSetResult result = fleet.copyAll("public.*");

        assertThat(result.failure()).isEmpty();
        assertThat(result.results())
                .extracting(r -> r.table().name())
                .containsSubsequence("top", "parent", "child")
                .contains("lonely");
        assertThat(result.rowsWritten()).isEqualTo(121);
        for (String table : List.of("top", "parent", "child", "lonely")) {
            assertThat(fleet.rows("ship", "select * from " + table + " order by 1"))
                    .isEqualTo(fleet.rows("shore", "select * from " + table + " order by 1"));
        }
    }

    @Test
    void circlesOfForeignKeysAreCopied() throws Exception {
        fleet.both(FAMILY + "; alter table top add foreign key (favourite) references child");
        fleet.on(
                "shore",
                "insert into top values (1); insert into parent values (1, 1); insert into child values (1, 1); update top set favourite = 1");

        assertThat(fleet.copyAll("public.*").failure()).isEmpty();
        assertThat(fleet.copyAll("public.*").failure()).isEmpty();
        assertThat(fleet.value("ship", "select favourite from top")).isEqualTo("1");
    }

    @Test
    void rowsWrittenBetweenTwoTablesDoNotBreakForeignKeys() throws Exception {
        fleet.both("create table a (id int primary key, doc text); create table b (id int, a int references a)");
        fleet.on(
                "shore",
                "insert into a select i, repeat('x', 1000) from generate_series(1, 1000) i; insert into b select i, i from generate_series(1, 1000) i");
        AtomicBoolean once = new AtomicBoolean();
        StoppableWork work = new StoppableWork("meanwhile").onProgress(p -> {
            if (!once.getAndSet(true)) {
                fleet.on(
                        "shore",
                        "insert into a values (5000, 'new'); insert into b values (5000, 5000); delete from b where id = 1");
            }
        });

        TableSetResult result = new TableSetCopier(fleet.shore(), fleet.ship(), work)
                .copy(TableSetPlan.of(List.of("public.*"), List.of()));

        assertThat(once).isTrue();
        assertThat(result.failure()).isEmpty();
        assertThat(fleet.value("ship", "select (select count(*) from a), (select count(*) from b)"))
                .isEqualTo("1000|1000");
    }

    @Test
    void oneBadTableDoesNotStopTheOthers() throws Exception {
        fleet.on(
                "shore",
                "create table a (id int); create table b (id timestamptz); create table c (id int); create table d (id int);"
                        + " insert into a values (1); insert into c values (1); insert into d values (1)");
        fleet.on("ship", "create table a (id int); create table b (id date); create table d (id int check (id > 5))");

        TableSetResult result = fleet.copyAll("public.*");

        assertThat(result.results()).extracting(r -> r.table().name()).containsExactly("a");
        assertThat(result.failures()).extracting(f -> f.table().name()).containsExactlyInAnyOrder("b", "c", "d");
        assertThat(result.failure()).hasValueSatisfying(e -> {
            assertThat(e)
                    .hasMessageStartingWith("3 of 4 tables were not copied: ")
                    .hasMessageContaining("public.b (column id of public.b is timestamp with time zone")
                    .hasMessageContaining("public.c (there is no table public.c in database 'ship')")
                    .hasMessageContaining("violates check constraint");
            assertThat(FailureClass.of(e)).isEqualTo(FailureClass.PERMANENT);
        });
    }

    @Test
    void aLockedTableIsLeftOutAndTheFailureIsRetryable() throws Exception {
        fleet.both(FAMILY);
        fleet.on(
                "shore",
                "insert into top values (1); insert into parent values (1, 1); insert into child values (1, 1)");
        try (Connection other = TestServers.connect(fleet.login("shore"));
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("lock table parent in access exclusive mode");

            TableSetResult result = fleet.copyAll("public.*");

            assertThat(result.results()).extracting(r -> r.table().name()).containsExactlyInAnyOrder("top", "lonely");
            assertThat(result.failures()).extracting(f -> f.table().name()).containsExactly("parent", "child");
            assertThat(result.failure())
                    .hasValueSatisfying(e -> assertThat(FailureClass.of(e)).isEqualTo(FailureClass.RETRYABLE));
        }
        assertThat(fleet.copyAll("public.*").failure()).isEmpty();
    }

    @Test
    void patternsAndExceptionsChoose() throws Exception {
        fleet.both("create table a (id int); create table ab (id int); create table b (id int)");

        TableSetResult result = new TableSetCopier(fleet.shore(), fleet.ship(), Fleet.WORK)
                .copy(TableSetPlan.of(List.of("public.a*"), List.of("public.ab")));

        assertThat(result.results()).extracting(r -> r.table().toString()).containsExactly("public.a");
        assertThatThrownBy(() -> fleet.copyAll("nosuch.*")).isInstanceOf(OperatorException.class);
    }

    @Test
    void aStopEndsTheSetAndKeepsWhatWasFinished() {
        // Without statistics they are copied in the order of their names.
        fleet.both("create table a (id int) with (autovacuum_enabled = false);"
                + " create table b (id int, doc text) with (autovacuum_enabled = false)");
        fleet.on(
                "shore",
                "insert into a values (1); insert into b select i, repeat('x', 1000) from generate_series(1, 3000) i");
        StoppableWork work = new StoppableWork("set");
        work.onProgress(p -> {
            if (p.subject().equals("public.b") && p.rows() > 100) {
                work.stop();
            }
        });
        TableSetPlan plan = new TableSetPlan(
                List.of("public.*"),
                List.of(),
                CopyOptions.DEFAULT.withPace(Pace.FREE.withWorkers(1).withRateLimit(Bytes.megabytes(1))));

        assertThatThrownBy(() -> new TableSetCopier(fleet.shore(), fleet.ship(), work).copy(plan))
                .isInstanceOf(WorkCancelledException.class);
        assertThat(fleet.value("ship", "select (select count(*) from a), (select count(*) from b)"))
                .isEqualTo("1|0");
    }

    @Test
    void describesEveryTableAndThoseItCannotCopy() throws Exception {
        fleet.both(FAMILY);
        fleet.on("shore", "create table missing (id int)");

        List<PlannedAction> actions = new TableSetCopier(fleet.shore(), fleet.ship(), new ReadOnlyWork())
                .describe(TableSetPlan.of(List.of("public.*"), List.of()));

        assertThat(actions).extracting(PlannedAction::sql).anyMatch(sql -> sql.equals("DELETE FROM ONLY public.top"));
        assertThat(actions).extracting(PlannedAction::sql).anyMatch(sql -> sql.equals("TRUNCATE ONLY public.lonely"));
        assertThat(actions)
                .extracting(PlannedAction::sql)
                .contains("-- public.missing would not be copied: there is no table public.missing in database 'ship'");
    }
}
