package io.watchkeeper.toolkit.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.TestServers;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plans that make a plain table a partitioned one, carried out. */
class PartitionConversionTest {

    private static final String NOW = "2024-01-10T12:00:00Z";

    @TempDir
    private Path folder;

    private PartitionRig rig;

    @BeforeEach
    void open() {
        rig = new PartitionRig(folder, NOW);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private Conversion plan(String table) throws SQLException {
        return new PartitionConversion(
                        rig.database(), Clock.fixed(Instant.parse(NOW), ZoneOffset.UTC), PartitionRig.WORK)
                .plan(ConversionPlan.monthly(table, "At"));
    }

    private void carryOut(Conversion plan) {
        for (Conversion.Step step : plan.steps()) {
            // As in the script: what is several statements is one transaction.
            rig.on(step.sql().contains(";\n") ? "begin; " + step.sql() + "; commit" : step.sql());
        }
    }

    @Test
    void carriedOutItMakesThePlainTableThePartitionedOnesFirstPartition() throws Exception {
        rig.on("create table tenants (id text primary key); insert into tenants values ('a'), ('b');"
                + " create table \"The Events\" (id bigint generated always as identity primary key, serial_no serial, tenant_id text"
                + " references tenants, \"At\" timestamptz, doc text default 'x' check (doc <> ''), twice text generated always as"
                + " (doc || doc) stored, unique (tenant_id, \"At\"));"
                + " create index on \"The Events\" (doc) where doc is not null;"
                + " create function f() returns trigger language plpgsql as 'begin new.doc := new.doc || ''!''; return new; end';"
                + " create trigger loud before insert on \"The Events\" for each row execute function f();"
                + " alter table \"The Events\" enable row level security; create policy p on \"The Events\" using (tenant_id = 'a');"
                + " grant select on \"The Events\" to public;"
                + " insert into \"The Events\" (tenant_id, \"At\") select case i % 2 when 0 then 'a' else 'b' end,"
                + " timestamptz '2023-06-01 00:00+00' + i * interval '1 hour' from generate_series(1, 500) i");
        String before = rig.value("select count(*) || ' ' || sum(hashtext(e::text)::bigint) from \"The Events\" e");

        Conversion plan = plan("\"The Events\"");
        carryOut(plan);

        assertThat(plan.before()).isEqualTo(Instant.parse("2024-02-01T00:00:00Z"));
        assertThat(plan.text())
                .startsWith("-- Makes public.\"The Events\" a partitioned table")
                .contains("CONCURRENTLY");
        assertThat(plan.changes()).anyMatch(change -> change.contains("becomes (id, \"At\")"));
        assertThat(rig.partitions("\"The Events\""))
                .containsExactly(
                        "The Events_before FOR VALUES FROM (MINVALUE) TO ('2024-02-01 00:00:00+00')",
                        "The Events_p2024_02 FOR VALUES FROM ('2024-02-01 00:00:00+00') TO ('2024-03-01 00:00:00+00')");
        assertThat(rig.value("select count(*) || ' ' || sum(hashtext(e::text)::bigint) from \"The Events\" e"))
                .isEqualTo(before);
        rig.on("insert into \"The Events\" (tenant_id, \"At\") values ('a', '2024-01-20'), ('b', '2024-02-20')");
        assertThat(rig.values(
                        "select id || serial_no::text || doc || twice from \"The Events\" order by id desc limit 2"))
                .containsExactly("502502x!x!x!", "501501x!x!x!");
        assertThat(rig.value("select count(*) from \"The Events_p2024_02\"")).isEqualTo("1");
        assertThatThrownBy(
                        () -> rig.on("insert into \"The Events\" (tenant_id, \"At\") values ('nobody', '2024-02-21')"))
                .hasRootCauseMessage(
                        "ERROR: insert or update on table \"The Events_p2024_02\" violates foreign key constraint"
                                + " \"The Events_tenant_id_fkey\"\n  Detail: Key (tenant_id)=(nobody) is not present in table \"tenants\".");
        assertThat(rig.value("select relrowsecurity from pg_class where oid = '\"The Events\"'::regclass"))
                .isEqualTo("t");
        assertThat(rig.value("select count(*) from pg_constraint where conname ~ '^watchkeeper'"))
                .isEqualTo("0");
        assertThat(rig.value("select has_table_privilege('public', '\"The Events\"', 'select')"))
                .isEqualTo("t");
        // From then on it is looked after as any other.
        assertThat(rig.done(UpkeepPlan.monthly(List.of("public.*"))).created()).isEmpty();
    }

    @Test
    void anIndexThatWasNotDoneIsMadeAnewAndOneOfThatNameIsLeftAlone() throws Exception {
        rig.on("create table e (id bigint primary key, other int, \"At\" timestamptz not null);"
                + " insert into e values (1, 1, '2023-06-01'); create index e_pkey_with_time on e (other)");
        Conversion plan = plan("e");
        List<String> sql = plan.steps().stream().map(Conversion.Step::sql).toList();
        String create = sql.stream()
                .filter(one -> one.startsWith("CREATE UNIQUE INDEX"))
                .findFirst()
                .orElseThrow();
        int at = sql.indexOf(create);
        sql.subList(0, at).forEach(rig::on);
        try (Connection holder = TestServers.connect(rig.server, rig.name);
                Connection maker = TestServers.connect(rig.server, rig.name);
                Statement hold = holder.createStatement();
                Statement make = maker.createStatement()) {
            holder.setAutoCommit(false);
            hold.execute("lock table e in row exclusive mode");
            make.execute("set lock_timeout = '50ms'");
            assertThatThrownBy(() -> make.execute(create)).hasMessageContaining("lock timeout");
        }
        assertThat(rig.value("select count(*) from pg_index where not indisvalid"))
                .isEqualTo("1");

        sql.subList(at - 1, sql.size())
                .forEach(one -> rig.on(one.contains(";\n") ? "begin; " + one + "; commit" : one));

        assertThat(rig.value("select count(*) from pg_index where not indisvalid"))
                .isEqualTo("0");
        assertThat(rig.partitions("e")).hasSize(2);
        assertThat(rig.value("select indexdef from pg_indexes where indexname = 'e_pkey_with_time'"))
                .contains("(other)");
    }

    @Test
    void whatCannotBePartitionedIsRefusedWithTheReason() {
        rig.on(
                "create table a (id int primary key, \"At\" date); create table b (a int references a);"
                        + " create table c (id int, \"At\" text); create table d (id int, \"At\" date); create unique index d_id on d (id)");

        assertThatThrownBy(() -> plan("a"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("foreign keys refer to public.a: b");
        assertThatThrownBy(() -> plan("c"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("no column At of type date");
        assertThatThrownBy(() -> plan("d"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("unique index d_id");
    }

    @Test
    void keysOfAnotherKindAreRefusedByName() throws Exception {
        rig.on(
                "create table a (id int, \"At\" date, note text, constraint \"A Key\" unique (id, \"At\") include (note));"
                        + " create table b (id int, \"At\" date, constraint b_key unique nulls not distinct (id, \"At\"));"
                        + " create table c (id int, \"At\" date, constraint c_key primary key (id) deferrable);"
                        + " create table d (id int, \"At\" date, constraint d_key primary key (id, \"At\"), unique (id))");

        assertThatThrownBy(() -> plan("a"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("key \"A Key\" with INCLUDE");
        assertThatThrownBy(() -> plan("b"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("key b_key with INCLUDE, NULLS NOT DISTINCT");
        assertThatThrownBy(() -> plan("c"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("key c_key with INCLUDE, NULLS NOT DISTINCT, DEFERRABLE");
        assertThat(plan("d").steps()).isNotEmpty();
    }

    @Test
    void whatIsAMomentEndsAfterOne() throws Exception {
        rig.on("create table t (id int primary key, \"At\" date)");

        assertThat(plan("t").text())
                .containsOnlyOnce(
                        "BEGIN;\nSET LOCAL lock_timeout = '1s';\nSET LOCAL statement_timeout = '10s';\nLOCK TABLE");
    }

    @Test
    void scriptGivesUpAtOnceWhereSomebodyHoldsTheTableAndEndsThere() throws Exception {
        rig.on("create table t (id int primary key, \"At\" date)");
        Path script = Files.writeString(folder.resolve("convert.sql"), plan("t").text());
        try (Connection holder = TestServers.connect(rig.server, rig.name);
                Statement hold = holder.createStatement()) {
            holder.setAutoCommit(false);
            hold.execute("select * from t");
            assertThat(psql(script))
                    .contains("canceling statement due to lock timeout")
                    .doesNotContain("CREATE INDEX");
        }
        assertThat(rig.value("select relkind from pg_class where relname = 't'"))
                .isEqualTo("r");

        assertThat(psql(script)).doesNotContain("ERROR");
        assertThat(rig.value("select relkind from pg_class where relname = 't'"))
                .isEqualTo("p");
        assertThat(Files.readString(script))
                .contains("\n\\set ON_ERROR_STOP on\n")
                .contains("SET lock_timeout = '1s';\nALTER TABLE public.t ADD CONSTRAINT watchkeeper_t_until");
    }

    private String psql(Path script) throws Exception {
        Process psql = new ProcessBuilder(
                        TestServers.binaries().program("psql").toString(),
                        "-X",
                        "-h",
                        "127.0.0.1",
                        "-p",
                        Integer.toString(rig.server.port()),
                        "-U",
                        "postgres",
                        "-f",
                        script.toString(),
                        rig.name)
                .redirectErrorStream(true)
                .start();
        try (InputStream out = psql.getInputStream()) {
            String said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            psql.waitFor();
            return said;
        }
    }

    @Test
    void changesAreStillReplicatedAsTheyWere() throws Exception {
        rig.on("create table whole (id int, \"At\" date); alter table whole replica identity full;"
                + " create table never (id int, \"At\" date); alter table never replica identity nothing;"
                + " create table plain (id int primary key, \"At\" date);"
                + " create table keyed (id int not null, \"At\" date, constraint keyed_key unique (id));"
                + " alter table keyed replica identity using index keyed_key;"
                + " create table indexed (id int not null, \"At\" date not null);"
                + " create unique index indexed_by on indexed (id, \"At\");"
                + " alter table indexed replica identity using index indexed_by;"
                + " create publication pub for table whole, plain, keyed, indexed");

        for (String table : List.of("whole", "never", "plain", "keyed", "indexed")) {
            Conversion plan = plan(table);
            assertThat(plan.changes().stream().anyMatch(change -> change.contains("REPLICA IDENTITY FULL")))
                    .isEqualTo(table.equals("keyed") || table.equals("indexed"));
            carryOut(plan);
            // Where rows are published, those of no identity could not be changed any more.
            rig.on("insert into " + table + " values (1, '2024-01-20'), (2, '2024-02-20'); update " + table
                    + " set id = id + 10; delete from " + table);
        }

        assertThat(rig.values("select relname || ' ' || relreplident::text from pg_class where relkind in ('r', 'p')"
                        + " and relnamespace = 'public'::regnamespace order by relname collate \"C\""))
                .containsExactly(
                        "indexed f",
                        "indexed_before i",
                        "indexed_p2024_02 f",
                        "keyed f",
                        "keyed_before i",
                        "keyed_p2024_02 f",
                        "never n",
                        "never_before n",
                        "never_p2024_02 n",
                        "plain d",
                        "plain_before d",
                        "plain_p2024_02 d",
                        "whole f",
                        "whole_before f",
                        "whole_p2024_02 f");
    }

    @Test
    void identityColumnsCountAsTheyDid() throws Exception {
        rig.on(
                "create table t (id bigint generated by default as identity (start with 1000 increment by -10 minvalue -500"
                        + " maxvalue 2000 cache 5 cycle), n int generated always as identity, \"At\" date);"
                        + " insert into t (\"At\") values ('2024-01-01'), ('2024-01-02')");

        carryOut(plan("t"));

        assertThat(rig.values(
                        "select concat_ws(' ', seqstart, seqincrement, seqmin, seqmax, seqcache, seqcycle) from pg_sequence"
                                + " where seqrelid in (pg_get_serial_sequence('t', 'id')::regclass,"
                                + " pg_get_serial_sequence('t', 'n')::regclass) order by seqincrement"))
                .containsExactly("1000 -10 -500 2000 5 t", "1 1 1 2147483647 1 f");
        rig.on("insert into t (\"At\") values ('2024-02-01')");
        assertThat(rig.value("select id || ' ' || n from t_p2024_02")).isEqualTo("950 3");
    }
}
