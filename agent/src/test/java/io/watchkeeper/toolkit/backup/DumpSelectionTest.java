package io.watchkeeper.toolkit.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.problem.OperatorException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
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

    /** Names that mean something else to a shell, to a pattern, to a regular expression or to SQL. */
    private static final List<String> ODD_NAMES = List.of(
            "a.b",
            "aXb",
            "A",
            "a",
            "a b",
            "ab",
            "quo\"te",
            "quote",
            "st*r",
            "star",
            "wh?t",
            "what",
            "back\\slash",
            "backslash",
            "dollar$",
            "dollar",
            "(a|b)",
            "b",
            "[x]",
            "x",
            "{2}",
            "2",
            "^top",
            "top",
            "plus+",
            "pluss",
            "émile",
            "emile",
            "ÉMILE",
            "Emile",
            "--table",
            "table",
            "tail.",
            "tail",
            "new\nline",
            "new line",
            "\"",
            "\"\"",
            "半角",
            "半",
            "a''b",
            "a'b",
            "😀 smile",
            "😁 smile");

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void takesTablesOfAnyNameAndNoOthers(int half) throws Exception {
        StringBuilder sql = new StringBuilder("create schema \"Odd.Schema\";");
        List<String> patterns = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < ODD_NAMES.size(); i++) {
            String quoted = "\"Odd.Schema\".\"" + ODD_NAMES.get(i).replace("\"", "\"\"") + "\"";
            sql.append("create table ").append(quoted).append(" (id int);");
            if (i % 2 == half) {
                patterns.add(quoted);
                expected.add("Odd.Schema." + ODD_NAMES.get(i));
            }
        }
        rig.on(sql.toString());
        rig.made(plan(DumpSelection.ALL.withTables(patterns)));
        String into = rig.newName();
        rig.on("postgres", "create database " + into);
        rig.on(into, "create schema \"Odd.Schema\"");

        rig.restored(DumpRestorePlan.into(into));

        List<String> found = Stream.of(rig.value(into, """
                                select string_agg(nspname || '.' || relname, ' / ') from pg_class c
                                  join pg_namespace n on n.oid = relnamespace where nspname = 'Odd.Schema'""").split(" / ")).toList();
        assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
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
