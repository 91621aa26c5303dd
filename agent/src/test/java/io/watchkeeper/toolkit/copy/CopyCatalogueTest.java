package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.TestServers;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is known to go wrong where tables are copied, by the numbers of the design's catalogue: C04 to C07. */
class CopyCatalogueTest {

    private static final CopyPlan T = CopyPlan.of(TableName.parse("t"));

    private Fleet fleet;

    @BeforeEach
    void open() {
        fleet = new Fleet();
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "int8; timestamptz; 86400000000",
                "int4; date; 366",
                "float4; int4; 1",
                "int8; float8; 4611686018427387904",
                "numeric; numeric(6,2); 1.005",
                "numeric(8,4); numeric(6,2); 1.0050",
                "int8[]; timestamptz[]; {86400000000}",
            })
    void c04_typesWhoseBinaryFormsPassForEachOtherAreRefused(String from, String to, String value) {
        fleet.on("shore", "create table t (id int, v " + from + "); insert into t values (1, '" + value + "')");
        fleet.on("ship", "create table t (id int, v " + to + "); insert into t (id) values (9)");

        for (boolean verify : new boolean[] {true, false}) {
            assertThatThrownBy(() -> fleet.copy(T.with(o -> o.withVerify(verify))))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("column v of public.t is ")
                    .hasMessageContaining("values would change without an error");
        }
        assertThat(fleet.rows("ship", "select id from t")).containsExactly("9");
    }

    @Test
    void c05_columnsGoByNameThoughTheyWereDroppedReorderedAndComputed() throws Exception {
        fleet.on("shore", """
                create table t (gone int, id int generated always as identity, a text, b text, sum int generated always as (n * 2) stored, n int);
                alter table t drop column gone;
                insert into t (a, b, n) values ('a1', 'b1', 1), ('a2', null, 2)""");
        fleet.on("ship", """
                create table t (n int, b text, old int, sum int generated always as (n * 3) stored, extra int default 7, a text,
                                id int generated always as identity);
                alter table t drop column old""");

        for (CopyFormat format : List.of(CopyFormat.BINARY, CopyFormat.TEXT)) {
            assertThat(fleet.copy(T.with(o -> o.withFormat(format))).verified()).isTrue();
            assertThat(fleet.rows("ship", "select id, a, b, n, sum, extra from t order by id"))
                    .containsExactly("1|a1|b1|1|3|7", "2|a2|null|2|6|7");
        }
        fleet.on("ship", "insert into t (n) values (3)");
        assertThat(fleet.value("ship", "select max(id) from t")).isEqualTo("3");
    }

    @Test
    void c05_aTableWithoutColumnsKeepsItsCount() throws Exception {
        fleet.both("create table t ()");
        fleet.on("shore", "insert into t select from generate_series(1, 1234)");
        fleet.on("ship", "insert into t select from generate_series(1, 5)");

        for (CopyFormat format : List.of(CopyFormat.BINARY, CopyFormat.TEXT)) {
            CopyResult result = fleet.copy(T.with(o -> o.withFormat(format)));
            assertThat(result.rowsRead()).isEqualTo(1234);
            assertThat(result.rowsWritten()).isEqualTo(1234);
            assertThat(result.verified()).isTrue();
            assertThat(fleet.value("ship", "select count(*) from t")).isEqualTo("1234");
        }
        assertThat(fleet.copyAll("public.*").results()).hasSize(1);

        fleet.on("ship", "alter table t add column a int");
        assertThatThrownBy(() -> fleet.copy("t"))
                .isInstanceOfSatisfying(
                        OperatorException.class,
                        e -> assertThat(e.hint()).contains("rows without columns go only where there are none"))
                .hasMessageContaining("has no column to copy");
    }

    @Test
    void c06_namesOfObjectsTravelAsTextAndMeanTheSameObjectThere() throws Exception {
        fleet.on("ship", "create table elsewhere (a int); create schema s; create type s.\"Odd, Type\" as enum ('a')");
        fleet.on("shore", "create schema s; create type s.\"Odd, Type\" as enum ('a')");
        fleet.both(
                "create table s.x (a int); create function s.f(int) returns int language sql return 1;"
                        + " create table t (id int, c regclass, ty regtype, p regprocedure, n regnamespace, cs regclass[], ro regrole)");
        fleet.on(
                "shore",
                "insert into t values (1, 's.x', 's.\"Odd, Type\"', 's.f(int)', 's', '{s.x,NULL}', 'postgres')");
        assertThat(fleet.value("ship", "select 's.x'::regclass::oid"))
                .isNotEqualTo(fleet.value("shore", "select 's.x'::regclass::oid"));

        CopyResult result = fleet.copy("t");

        assertThat(result.format()).isEqualTo(CopyFormat.TEXT);
        assertThat(result.notes()).singleElement().asString().contains("object ids, which differ between servers");
        assertThat(fleet.rows("ship", "table t"))
                .containsExactly("1|s.x|s.\"Odd, Type\"|s.f(integer)|s|{s.x,NULL}|postgres");
        assertThatThrownBy(() -> fleet.copy(T.with(o -> o.withFormat(CopyFormat.BINARY))))
                .hasMessageContaining("cannot be copied in binary form because of c (regclass holds object ids");

        fleet.on("shore", "create table only_here (a int); insert into t values (2, 'only_here')");
        assertThatThrownBy(() -> fleet.copy("t")).hasMessageContaining("relation \"public.only_here\" does not exist");
        assertThat(fleet.value("ship", "select count(*) from t")).isEqualTo("1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "UTF8; LATIN1; Übermäßig; 한국",
                "LATIN1; UTF8; Übermäßig; ",
                "EUC_KR; UTF8; 한국 선박; ",
                "UTF8; EUC_KR; 한국 선박; 🚢",
                "EUC_KR; EUC_KR; 한국 선박; ",
                "EUC_KR; LATIN1; plain; 한국",
                "UTF8; SQL_ASCII; 한국 🚢; ",
                "SQL_ASCII; UTF8; 한국 🚢; \\xFF",
                "SQL_ASCII; SQL_ASCII; 한국 🚢; \\xFF",
            })
    void c07_textsAreConvertedOrNothingChanges(String from, String to, String fits, String doesNot) throws Exception {
        try (Fleet other = encoded(from, to)) {
            other.both("create table t (id int, name text)");
            other.on("shore", "insert into t values (1, '" + fits + "')");

            for (CopyFormat format : List.of(CopyFormat.BINARY, CopyFormat.TEXT)) {
                assertThat(other.copy(T.with(o -> o.withFormat(format))).verified())
                        .isTrue();
                assertThat(other.rows("ship", "table t")).containsExactly("1|" + fits);
            }
            if (doesNot == null) {
                return;
            }
            other.on("shore", "insert into t values (2, E'" + doesNot + "')");
            for (CopyFormat format : List.of(CopyFormat.BINARY, CopyFormat.TEXT)) {
                assertThatThrownBy(() -> other.copy(T.with(o -> o.withFormat(format))))
                        .isInstanceOfSatisfying(OperatorException.class, e -> {
                            assertThat(e).hasMessageContaining("failed, the target was left as it was: ");
                            assertThat(e.getMessage())
                                    .containsAnyOf(
                                            "has no equivalent in encoding",
                                            "invalid byte sequence for encoding \"UTF8\": 0xff");
                            assertThat(e.hint()).contains("leave those rows out with where");
                        });
                assertThat(other.rows("ship", "table t")).containsExactly("1|" + fits);
            }
        }
    }

    private Fleet encoded(String from, String to) {
        String shore = TestServers.freshDatabase(TestServers.shore()) + "_encoded";
        String ship = TestServers.freshDatabase(TestServers.ship()) + "_encoded";
        fleet.on("shore", "create database " + shore + " encoding '" + from + "' locale 'C' template template0");
        fleet.on("ship", "create database " + ship + " encoding '" + to + "' locale 'C' template template0");
        return new Fleet(
                TestServers.settings("shore", TestServers.shore(), shore),
                TestServers.settings("ship", TestServers.ship(), ship));
    }
}
