package io.watchkeeper.toolkit.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.problem.OperatorException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Just what is meant gets into a dump, and out of it. */
class DumpSelectionTest {

    private DumpRig rig;

    @TempDir
    private Path folder;

    @BeforeEach
    void open() {
        rig = new DumpRig(folder);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private static DumpPlan plan(DumpSelection selection) {
        return DumpPlan.DEFAULT.withGlobals(false).withSelection(selection);
    }

    private String tables(String database) {
        return rig.value(database, """
                select coalesce(string_agg(nspname || '.' || relname, ' ' order by nspname, relname), '')
                  from pg_class c join pg_namespace n on n.oid = relnamespace
                 where relkind in ('r', 'p', 'v', 'S') and nspname !~ '^pg_' and nspname <> 'information_schema'""");
    }

    private String restored(DumpSelection selection) throws Exception {
        rig.made(plan(selection));
        String into = rig.newName();
        rig.on("postgres", "create database " + into);
        rig.on(into, "create schema app; create schema \"Odd.Schema\"");
        rig.restored(DumpRestorePlan.into(into));
        return tables(into);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a.b",
                "A",
                "a b",
                "quo\"te",
                "st*r",
                "wh?t",
                "back\\slash",
                "dollar$",
                "(a|b)",
                "[x]",
                "{2}",
                "^top",
                "plus+",
                "émile",
                "ÉMILE",
                "--table",
                "tail.",
                "new\nline",
                "\"",
                "半角",
                "a''b",
                "😀 smile"
            })
    void takesATableOfAnyNameAndNoOther(String name) throws Exception {
        String quoted = Identifiers.quote(name);
        rig.on("create schema \"Odd.Schema\"; create table \"Odd.Schema\"." + quoted + " (id int);"
                + " create table \"Odd.Schema\".other (id int); create table \"Odd.Schema\".sta (id int);"
                + " create table \"Odd.Schema\".\"aXb\" (id int); insert into \"Odd.Schema\"." + quoted
                + " values (7)");
        String pattern = "\"Odd.Schema\".\"" + name.replace("\"", "\"\"") + "\"";

        assertThat(restored(DumpSelection.ALL.withTables(List.of(pattern)))).isEqualTo("Odd.Schema." + name);
    }

    @Test
    void readsPatternsAsTheLanguageDoes() throws Exception {
        rig.on("create schema app; create table public.orders (id int); create table public.order_lines (id int);"
                + " create table public.\"Orders\" (id int); create table app.orders (id int);"
                + " create table public.ordr (id int); create view public.order_view as select 1");

        assertThat(restored(DumpSelection.ALL.withTables(List.of("ORDER?", "public.order_*"))))
                .isEqualTo("public.order_lines public.order_view public.orders");
        assertThat(restored(DumpSelection.ALL.withTables(List.of("*.orders")))).isEqualTo("app.orders public.orders");
        assertThat(restored(DumpSelection.ALL.withTables(List.of("public.*")).withExclude(List.of("public.order*"))))
                .isEqualTo("public.Orders public.ordr");
        assertThat(restored(DumpSelection.ALL.withExclude(List.of("app.*", "\"public\".\"Orders\""))))
                .isEqualTo("public.order_lines public.order_view public.orders public.ordr");
    }

    @Test
    void takesPartitionsWithTheirTable() throws Exception {
        rig.on("create table p (id int) partition by range (id);"
                + " create table far_1 partition of p for values from (0) to (10) partition by range (id);"
                + " create table far_2 partition of far_1 for values from (0) to (5);"
                + " create table far_3 partition of p for values from (10) to (20); create table q (id int);"
                + " insert into p values (1), (11)");

        assertThat(restored(DumpSelection.ALL.withTables(List.of("p"))))
                .isEqualTo("public.far_1 public.far_2 public.far_3 public.p");
        assertThat(restored(DumpSelection.ALL.withExclude(List.of("p")))).isEqualTo("public.q");
    }

    @Test
    void dumpsASchemaWithAllThatIsInIt() throws Exception {
        rig.on(
                "create schema app; create type app.t as enum ('x'); create table app.a (t app.t); create table b (id int)");
        rig.made(plan(DumpSelection.ALL.withSchemas(List.of("ap?"))));
        String into = rig.newName();

        rig.restored(DumpRestorePlan.into(into));

        assertThat(tables(into)).isEqualTo("app.a");
    }

    @Test
    void dumpsWithoutRowsOrOnlyThem() throws Exception {
        rig.on("create table a (id int primary key); insert into a values (1), (2)");
        rig.made(plan(DumpSelection.ALL.withSchemaOnly(true)));
        String into = rig.newName();
        assertThat(rig.restored(DumpRestorePlan.into(into)).rows()).isZero();
        assertThat(rig.value(into, "select count(*) from a")).isEqualTo("0");

        rig.made(plan(DumpSelection.ALL.withDataOnly(true)));
        DumpRestorePlan rows = DumpRestorePlan.into(into).withSelection(DumpSelection.ALL.withDataOnly(true));
        assertThatThrownBy(() -> rig.restored(rows)).hasMessageContaining("rows would be added to public.a");
        rig.on(into, "insert into a values (2), (3)");
        assertThat(rig.restored(rows.withClean(true)).rows()).isEqualTo(2);
        assertThat(rig.value(into, "select string_agg(id::text, ' ' order by id) from a"))
                .isEqualTo("1 2");
    }

    @Test
    void provesPartsToo() throws Exception {
        rig.on(
                "create schema app; create type app.mood as enum ('x'); create extension citext;"
                        + " create function app.f(int) returns int language sql immutable as 'select $1';"
                        + " create table app.a (id int primary key, m app.mood, c citext, g int generated always as (app.f(id)) stored);"
                        + " create table app.b (id serial, a int references app.a); create table c (a int references app.a);"
                        + " insert into app.a select i, 'x', 'C' from generate_series(1, 10) i; insert into app.b (a) values (1)");

        assertThat(rig.dump()
                        .run(plan(DumpSelection.ALL.withTables(List.of("app.b", "public.c")))
                                .withTestRestore(true))
                        .rows())
                .isEqualTo(1);
        assertThat(rig.dump()
                        .run(plan(DumpSelection.ALL.withSchemas(List.of("app"))).withTestRestore(true))
                        .rows())
                .isEqualTo(11);
        assertThat(rig.scratchDatabases()).isEqualTo("0");
    }

    @Test
    void saysWhatDoesNotExist() {
        rig.on("create table a (id int)");

        assertThatThrownBy(() -> rig.dump().run(plan(DumpSelection.ALL.withTables(List.of("public.b")))))
                .isInstanceOf(OperatorException.class)
                .hasMessage("there is no table public.b in database 'shore'");
        assertThatThrownBy(() -> rig.dump().run(plan(DumpSelection.ALL.withTables(List.of("b*")))))
                .hasMessage("no table of database 'shore' is meant by b*");
        assertThatThrownBy(() -> rig.dump().run(plan(DumpSelection.ALL.withSchemas(List.of("nope")))))
                .hasMessage("there is no schema nope in database 'shore'");
        assertThat(rig.leftovers()).isEmpty();
    }
}
