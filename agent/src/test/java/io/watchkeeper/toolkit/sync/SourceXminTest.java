package io.watchkeeper.toolkit.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.toolkit.copy.Fleet;
import io.watchkeeper.toolkit.copy.SourceMark;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SourceXminTest {

    private static final UnaryOperator<SyncOptions> KEPT = options -> options.withSourceXmin(true);

    private Fleet fleet;

    @BeforeEach
    void makeTables() {
        fleet = new Fleet();
        fleet.both("create table t (id bigint primary key, v text)");
        fleet.on("shore", "insert into t select g, 'v' from generate_series(1, 300) g");
        fleet.on("shore", "update t set v = 'later' where id <= 100");
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    private SyncResult sync(UnaryOperator<SyncOptions> change) throws SQLException {
        return new TableSyncer(fleet.shore(), fleet.ship(), Fleet.WORK)
                .sync(SyncPlan.of(TableName.parse("t")).with(change));
    }

    private void assertKept() {
        assertThat(fleet.rows("ship", "select id, source_xmin from t order by id"))
                .isEqualTo(fleet.rows("shore", "select id, xmin::text::bigint from t order by id"));
    }

    private String validIndexes() {
        return fleet.value(
                "ship",
                "select count(*) from pg_index i join pg_class c on c.oid = i.indexrelid"
                        + " where i.indisvalid and c.relname = 't_source_xmin_watchkeeper'");
    }

    @Test
    void keepsTheTransactionThatWroteEachRow() throws SQLException {
        sync(KEPT);
        assertKept();
        assertThat(validIndexes()).isEqualTo("1");
        fleet.on(
                "shore", "update t set v = 'x' where id = 200; delete from t where id = 7; insert into t values (999)");
        SyncResult result = sync(KEPT);
        assertThat(result.mode()).isEqualTo(SyncMode.XMIN);
        assertThat(result.rowsWritten()).isEqualTo(2);
        assertKept();
        result = sync(KEPT.andThen(options -> options.withMode(SyncMode.FULL))::apply);
        assertThat(result.rowsWritten()).isZero();
        assertThat(result.localEdits()).isZero();
        assertThat(result.verified()).isTrue();
    }

    @Test
    void saysHowTransactionsAreSpread() throws SQLException {
        Object xmin = sync(KEPT).fields().get("xmin");
        assertThat(xmin).isInstanceOf(Map.class);
        String expected = fleet.value(
                "shore",
                "select count(x) || ' ' || min(x) || ' ' || max(x) || ' ' || avg(x)::float8 || ' ' || stddev_pop(x)::float8"
                        + " || ' ' || max(x) - min(x) from (select xmin::text::bigint as x from t) q");
        assertThat(((Map<?, ?>) xmin).keySet().stream().map(Object::toString))
                .containsExactly("count", "min", "max", "mean", "stddev", "range");
        List<Double> figures = ((Map<?, ?>) xmin)
                .values().stream().map(value -> ((Number) value).doubleValue()).toList();
        assertThat(figures)
                .isEqualTo(List.of(expected.split(" ")).stream()
                        .map(Double::parseDouble)
                        .toList());
        assertThat(sync(options -> options).fields()).doesNotContainKey("xmin");
    }

    @Test
    void doesNotWriteRowsWhoseTransactionAloneIsAnother() throws SQLException {
        sync(KEPT);
        List<String> before = fleet.rows("ship", "select id, source_xmin from t order by id");
        fleet.on(
                "shore",
                "create table u (like t including all); insert into u select * from t; drop table t; alter table u rename to t");
        SyncResult result = sync(KEPT);
        assertThat(result.mode()).isEqualTo(SyncMode.FULL);
        assertThat(result.rowsWritten()).isZero();
        assertThat(fleet.rows("ship", "select id, source_xmin from t order by id"))
                .isEqualTo(before);
    }

    @Test
    void addsARemovedColumnAgainAndFillsIt() throws SQLException {
        sync(options -> options);
        sync(KEPT);
        assertKept();
        fleet.on("ship", "alter table t drop column source_xmin");
        SyncResult result = sync(KEPT);
        assertKept();
        assertThat(result.rowsWritten()).isZero();
        assertThat(validIndexes()).isEqualTo("1");
        assertThat(sync(KEPT).localEdits()).isZero();
    }

    @Test
    void makesAnIndexAnewThatWasLeftInvalid() throws SQLException {
        sync(KEPT);
        fleet.on(
                "ship",
                "update pg_index set indisvalid = false where indexrelid = 't_source_xmin_watchkeeper'::regclass");
        assertThat(validIndexes()).isEqualTo("0");
        sync(KEPT);
        assertThat(validIndexes()).isEqualTo("1");
    }

    @Test
    void doesWithoutTheIndexWhileSomebodyIsInTheWay() throws Exception {
        sync(KEPT);
        fleet.on("ship", "drop index t_source_xmin_watchkeeper");
        try (var connection = TestServers.connect(fleet.login("ship"));
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("select count(*) from t");
            SyncResult result = sync(KEPT);
            assertThat(result.notes()).anyMatch(note -> note.contains("the next round tries again"));
        }
        sync(KEPT);
        assertThat(validIndexes()).isEqualTo("1");
    }

    @Test
    void emptiesWhatItNoLongerKeeps() throws SQLException {
        sync(KEPT);
        fleet.on("shore", "update t set v = 'x' where id = 5; insert into t values (500)");
        sync(options -> options);
        assertThat(fleet.rows("ship", "select id from t where source_xmin is null order by id"))
                .containsExactly("5", "500");
        sync(KEPT);
        assertKept();
    }

    @Test
    void staysBesideAnotherUniqueColumn() throws SQLException {
        fleet.both("alter table t add column n int unique");
        fleet.on("shore", "update t set n = id");
        sync(KEPT);
        fleet.on(
                "shore",
                "begin; update t set n = null where id = 1; update t set n = 1 where id = 2; update t set n = 2 where id = 1; commit");
        sync(KEPT);
        assertKept();
        fleet.on("shore", "update t set v = 'x' where id = 3");
        sync(options -> options);
        assertThat(fleet.rows("ship", "select id from t where source_xmin is null"))
                .containsExactly("3");
        assertThat(fleet.rows("ship", "select id, v, n from t order by id"))
                .isEqualTo(fleet.rows("shore", "select id, v, n from t order by id"));
    }

    @Test
    void isKeptInPartitions() throws SQLException {
        fleet.on(
                "ship",
                "drop table t; create table t (id bigint primary key, v text) partition by range (id);"
                        + " create table t1 partition of t for values from (0) to (150);"
                        + " create table t2 partition of t for values from (150) to (1000)");
        sync(KEPT);
        assertKept();
        assertThat(fleet.rows(
                        "ship", "select tablename from pg_indexes where indexdef like '%(source_xmin)' order by 1"))
                .containsExactly("t1", "t2");
    }

    @Test
    void refusesAColumnOfThatNameOfTheSourcesOwn() {
        fleet.both("alter table t add column source_xmin bigint");
        assertThatThrownBy(() -> sync(KEPT))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("has a column source_xmin of its own")
                .extracting(e -> ((OperatorException) e).hint())
                .asString()
                .contains("rename");
    }

    @Test
    void refusesAColumnOfTheTargetThatHoldsSomethingElse() {
        fleet.on("ship", "alter table t add column source_xmin text");
        assertThatThrownBy(() -> sync(KEPT))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("it is text");
        assertThat(fleet.value("ship", "select count(*) from t")).isEqualTo("0");
    }

    @Test
    void tellsTransactionsApartBeyondThirtyTwoBits() {
        long next = Long.parseLong(fleet.value("shore", "select pg_snapshot_xmax(pg_current_snapshot())::text"));
        SourceMark mark =
                new SourceMark("", 0, false, 0, Lsn.parse("0/0").orElseThrow(), 0, (5L << 32) + next, List.of());
        assertThat(fleet.rows("shore", "select distinct " + SourceXmin.onSource(mark) + " - xmin::text::bigint from t"))
                .containsExactly(String.valueOf(5L << 32));
        SourceMark wrapped =
                new SourceMark("", 0, false, 0, Lsn.parse("0/0").orElseThrow(), 0, (5L << 32) + 3, List.of());
        assertThat(fleet.rows(
                        "shore", "select distinct " + SourceXmin.onSource(wrapped) + " - xmin::text::bigint from t"))
                .containsExactly(String.valueOf(4L << 32));
    }

    @Test
    void describesTheColumnAndTheIndexWithoutMakingThem() throws SQLException {
        assertThat(new TableSyncer(fleet.shore(), fleet.ship(), Fleet.WORK)
                        .describe(SyncPlan.of(TableName.parse("t")).with(KEPT)))
                .extracting(action -> action.sql().split(";")[0])
                .containsExactly(
                        "ALTER TABLE public.t ADD COLUMN source_xmin bigint",
                        "CREATE INDEX CONCURRENTLY t_source_xmin_watchkeeper ON public.t (source_xmin)");
        assertThat(fleet.value("ship", "select count(*) from pg_attribute where attname = 'source_xmin'"))
                .isEqualTo("0");
    }
}
