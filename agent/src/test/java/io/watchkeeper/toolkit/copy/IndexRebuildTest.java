package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Indexes that go for the load come back exactly as they were, or were never away. */
class IndexRebuildTest {

    private static final CopyPlan T = CopyPlan.of(TableName.parse("public.t")).with(o -> o.withRebuildIndexes(true));

    /** All that the catalogue says about the indexes of the ship's tables, oids and files left out. */
    private static final String INDEXES = """
            select pg_get_indexdef(i.indexrelid) as def, i.indisunique, i.indisprimary, i.indimmediate, i.indisclustered,
                   i.indisreplident, s.spcname, c.reloptions, obj_description(i.indexrelid, 'pg_class'),
                   k.conname, pg_get_constraintdef(k.oid), obj_description(k.oid, 'pg_constraint')
              from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class r on r.oid = i.indrelid
              left join pg_tablespace s on s.oid = c.reltablespace
              left join pg_constraint k on k.conindid = i.indexrelid and k.conrelid = i.indrelid
             where r.relnamespace = 'public'::regnamespace order by 1""";

    private static final String NODES =
            "select c.relname || ' ' || pg_relation_filenode(c.oid) from pg_class c where relkind = 'i' and relnamespace = 'public'::regnamespace order by 1";

    private Fleet fleet;

    @BeforeEach
    void open() {
        fleet = new Fleet();
        fleet.both("""
                create extension if not exists btree_gist;
                create table t (id int, code text not null, "Name" text, span int4range, meta jsonb, parent int);
                alter table t add constraint t_pkey primary key (id) with (fillfactor = 80);
                alter table t add constraint "Code ""once""\" unique (code) deferrable initially deferred;
                create unique index t_named on t (lower("Name")) include (code) where id > 0;
                create index t_meta on t using gin (meta);
                create index t_has on t (id) where meta ? 'a';
                create index "Odd ""index""\" on t (code collate "C" desc nulls last, id);
                alter table t add constraint t_span exclude using gist (span with &&);
                alter table t cluster on t_pkey;
                comment on index t_named is 'it''s named'; comment on constraint t_pkey on t is 'the key'""");
        fleet.on("shore", """
                insert into t select i, 'c' || i, 'n' || i, int4range(i * 10, i * 10 + 5), '{"a": 1}', i
                  from generate_series(1, 3000) i""");
        fleet.on("ship", "insert into t values (1, 'old', 'old', '[1,2]', '{}', 1)");
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    @Test
    void comeBackAsTheyWere() throws Exception {
        List<String> before = fleet.rows("ship", INDEXES);

        CopyResult result = fleet.copy(T);

        assertThat(fleet.rows("ship", INDEXES)).isEqualTo(before);
        assertThat(result.verified()).isTrue();
        assertThat(result.stages()).containsKey(CopyResult.Stage.INDEX);
        assertThat(fleet.value("ship", "select count(*) from t")).isEqualTo("3000");
        fleet.on("ship", "create extension if not exists amcheck");
        fleet.rows("ship", "select bt_index_check('t_pkey', true), bt_index_check('t_named', true)");
        assertThatThrownBy(() -> fleet.on("ship", "insert into t values (5, 'x')"))
                .hasRootCauseMessage(
                        "ERROR: duplicate key value violates unique constraint \"t_pkey\"\n  Detail: Key (id)=(5) already exists.");
    }

    @Test
    void wereNeverAwayWhenTheCopyFails() throws Exception {
        fleet.on("shore", "alter table t drop constraint \"Code \"\"once\"\"\"; update t set code = 'c1' where id = 2");
        List<String> before = fleet.rows("ship", INDEXES);
        List<String> nodes = fleet.rows("ship", NODES);

        assertThatThrownBy(() -> fleet.copy(T))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("Code");

        assertThat(fleet.rows("ship", INDEXES)).isEqualTo(before);
        assertThat(fleet.rows("ship", NODES)).isEqualTo(nodes);
        assertThat(fleet.rows("ship", "select code from t")).containsExactly("old");
    }

    @Test
    void stayWhereSomethingElseRestsOnThem() throws Exception {
        fleet.on("ship", """
                alter table t replica identity using index t_pkey;
                create view per_id as select id, "Name" from t group by id""");
        List<String> before = fleet.rows("ship", INDEXES);

        fleet.copy(T);

        assertThat(fleet.rows("ship", INDEXES)).isEqualTo(before);
        assertThat(fleet.value("ship", "select count(*) from per_id")).isEqualTo("3000");
    }

    @Test
    void stayWhereForeignKeysReferToThem() throws Exception {
        fleet.both("create table child (id int primary key, t int references t)");
        fleet.on("shore", "insert into child select i, i from generate_series(1, 100) i");
        List<String> before = fleet.rows("ship", INDEXES);

        TableSetResult result = fleet.copyAll("public.*");

        assertThat(result.failures()).isEmpty();
        assertThat(fleet.rows("ship", INDEXES)).isEqualTo(before);
    }

    @Test
    void conditionsMayUseTheQuestionMarkOperators() throws Exception {
        CopyResult result = fleet.copy(T.with(o -> o.withWhere("meta ? 'a' and id <= 10")));

        assertThat(result.verified()).isTrue();
        assertThat(result.rowsWritten()).isEqualTo(10);
    }

    @Test
    void aDryRunNamesThem() throws Exception {
        List<String> before = fleet.rows("ship", INDEXES);

        List<String> statements = new TableCopier(fleet.shore(), fleet.ship(), Fleet.WORK)
                .describe(T).stream().map(action -> action.sql()).toList();

        assertThat(statements)
                .contains("DROP INDEX public.t_named", "ALTER TABLE ONLY public.t DROP CONSTRAINT t_pkey")
                .anyMatch(sql -> sql.startsWith("CREATE UNIQUE INDEX t_named ON public.t"));
        assertThat(fleet.rows("ship", INDEXES)).isEqualTo(before);
    }

    @Test
    void byItselfReplacesTheIndexesOfTablesThatAreNotSmall() throws Exception {
        fleet.on("ship", "drop table t");
        fleet.on("shore", "drop table t");
        fleet.both("create table t (id int primary key, scattered uuid); create index t_scattered on t (scattered)");
        fleet.on("shore", "insert into t select i, md5(i::text)::uuid from generate_series(1, 30000) i; analyze t");

        List<String> statements = new TableCopier(fleet.shore(), fleet.ship(), Fleet.WORK)
                .describe(T.with(o -> o.withRebuildIndexes(null))).stream()
                        .map(action -> action.sql())
                        .toList();

        assertThat(statements)
                .contains("DROP INDEX public.t_scattered", "ALTER TABLE ONLY public.t DROP CONSTRAINT t_pkey");
        List<String> before = fleet.rows("ship", INDEXES);
        assertThat(fleet.copy(T.with(o -> o.withRebuildIndexes(null))).verified())
                .isTrue();
        assertThat(fleet.rows("ship", INDEXES)).isEqualTo(before);
    }
}
