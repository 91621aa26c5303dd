package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One partition that is replaced. */
class PartitionCopyTest {

    private static final String TABLE = """
            create table d (id int, month int, v text, primary key (id, month)) partition by range (month);
            create index d_v on d (v);
            create table d_10 partition of d for values from (10) to (11);
            create table d_11 partition of d for values from (11) to (12);
            create table d_12 partition of d for values from (12) to (13) partition by hash (id);
            create table d_12_0 partition of d_12 for values with (modulus 2, remainder 0);
            create table d_12_1 partition of d_12 for values with (modulus 2, remainder 1);
            create table d_rest partition of d default""";

    private static final String SHAPE = """
            select c.relname, pg_get_expr(c.relpartbound, c.oid), i.inhparent::regclass, obj_description(c.oid), c.relacl
              from pg_class c join pg_inherits i on i.inhrelid = c.oid order by 1""";

    private Fleet fleet;

    @BeforeEach
    void open() {
        fleet = new Fleet();
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    private static CopyPlan partition(String name) {
        return CopyPlan.of(TableName.parse("d"))
                .with(o -> o.withStrategy(CopyStrategy.PARTITION).withPartition(name));
    }

    private void fill(String ashore) {
        fleet.on("shore", ashore);
        fleet.on("shore", "insert into d select i, 10 + i % 4, 'new' from generate_series(1, 400) i");
        fleet.on("ship", TABLE);
        fleet.on(
                "ship",
                "insert into d select i, 10 + i % 4, 'old' from generate_series(1, 40) i;"
                        + " comment on table d_11 is 'november'; grant select on d_11 to public");
    }

    private void assertOnlyNew(String partition) {
        assertThat(fleet.rows("ship", "select tableoid::regclass, count(*) from d where v = 'new' group by 1"))
                .containsExactly(partition + "|100");
        assertThat(fleet.value("ship", "select count(*) from d where v = 'old'"))
                .isEqualTo("30");
        assertThat(fleet.rows("ship", "select relname from pg_class where relname like '%watchkeeper\\_%'"))
                .isEmpty();
        assertThat(fleet.rows("ship", "select conname from pg_constraint where conname like 'watchkeeper\\_%'"))
                .isEmpty();
    }

    @Test
    void isExchangedForANewOneThatIsAttachedAsTheOldOneWas() throws Exception {
        fill(TABLE);
        List<String> before = fleet.rows("ship", SHAPE);
        String oid = fleet.value("ship", "select 'd_11'::regclass::oid");

        CopyResult result = fleet.copy(partition("d_11"));

        assertOnlyNew("d_11");
        assertThat(fleet.rows("ship", SHAPE)).isEqualTo(before);
        assertThat(fleet.value("ship", "select 'd_11'::regclass::oid")).isNotEqualTo(oid);
        assertThat(result.fields()).containsEntry("mode", "partition").doesNotContainKey("notes");
        assertThat(result.rowsWritten()).isEqualTo(100);
        assertThat(fleet.copy(partition("public.d_11")).rowsWritten()).isEqualTo(100);
    }

    @Test
    void rowsOfASourceThatIsPartitionedOtherwiseAreThoseThatBelong() throws Exception {
        fill(
                "create table d (id int, month int, v text) partition by list (v); create table d_new partition of d for values in ('new')");
        fleet.copy(partition("d_11"));
        assertOnlyNew("d_11");
    }

    @Test
    void rowsThatDoNotBelongAreRefusedAndNothingChanges() throws Exception {
        fill("create table d (id int, month int, v text)");
        List<String> before = fleet.rows("ship", "select tableoid, * from d order by id");

        assertThatThrownBy(() -> fleet.copy(partition("d_11"))).isInstanceOfSatisfying(OperatorException.class, e -> {
            assertThat(e).hasMessageContaining("watchkeeper_bound");
            assertThat(e.hint()).contains("left out with where");
        });
        assertThat(fleet.rows("ship", "select tableoid, * from d order by id")).isEqualTo(before);

        fleet.copy(partition("d_11").with(o -> o.withWhere("month = 11")));
        assertOnlyNew("d_11");
    }

    @Test
    void aSubPartitionIsExchangedAndAPartitionThatHasSomeIsEmptiedAndFilled() throws Exception {
        fill(TABLE);
        List<String> before = fleet.rows("ship", SHAPE);
        assertThat(fleet.copy(partition("d_12_0")).notes()).isEmpty();
        assertThat(fleet.rows("ship", SHAPE)).isEqualTo(before);

        CopyResult result = fleet.copy(partition("d_12"));

        assertThat(result.notes())
                .singleElement()
                .asString()
                .contains("emptied and filled instead of exchanged", "it is partitioned");
        assertThat(result.fields()).containsEntry("mode", "partition");
        assertThat(fleet.value("ship", "select count(*) from d_12 where v = 'new'"))
                .isEqualTo("100");
        assertThat(fleet.rows("ship", SHAPE)).isEqualTo(before);
    }

    @Test
    void theDefaultPartitionIsExchangedToo() throws Exception {
        fill(TABLE);
        List<String> before = fleet.rows("ship", SHAPE);
        fleet.copy(partition("d_rest"));
        assertOnlyNew("d_rest");
        assertThat(fleet.rows("ship", SHAPE)).isEqualTo(before);
    }

    @Test
    void whereForeignKeysReferToTheTableItIsEmptiedAndFilled() throws Exception {
        fill(TABLE);
        fleet.on(
                "ship",
                "create table r (id int, month int, foreign key (id, month) references d); insert into r values (1, 11)");

        CopyResult result = fleet.copy(partition("d_11"));

        assertThat(result.notes()).anySatisfy(note -> assertThat(note).contains("foreign keys refer to"));
        assertOnlyNew("d_11");
    }

    @Test
    void aNameThatIsNoPartitionIsAnsweredWithThoseThereAre() {
        fill(TABLE);
        assertThatThrownBy(() -> fleet.copy(partition("d_13")))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.hint()).contains("did you mean", "d_10, d_11, d_12"))
                .hasMessageContaining("has no partition d_13");
    }

    @Test
    void aDryRunShowsTheExchangeAndChangesNothing() throws Exception {
        fill(TABLE);
        List<PlannedAction> actions =
                new TableCopier(fleet.shore(), fleet.ship(), new ReadOnlyWork()).describe(partition("d_11"));
        assertThat(actions)
                .extracting(PlannedAction::sql)
                .contains(
                        "ALTER TABLE public.d DETACH PARTITION public.d_11",
                        "ALTER TABLE public.d ATTACH PARTITION public.d_11 FOR VALUES FROM (11) TO (12)");
        assertThat(fleet.value("ship", "select count(*) from d where v = 'old'"))
                .isEqualTo("40");
    }
}
