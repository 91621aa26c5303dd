package io.watchkeeper.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.TestServers;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TableShapeTest {

    private DatabasePools pools;
    private Session session;

    @BeforeEach
    void connect() throws SQLException {
        pools = TestServers.freshFleet();
        session = pools.database("shore").open(Work.unattended("shape test"));
    }

    @AfterEach
    void close() throws SQLException {
        session.close();
        pools.close();
    }

    @Test
    void readsColumnsWithTypesGenerationIdentityAndDefaults() throws Exception {
        session.update("""
                create schema app; create type app.mood as enum ('good', 'bad'); create domain app.short as varchar(10);
                create table app.t (id bigint generated always as identity primary key, gone int, price numeric(10,2) not null,
                  twice numeric generated always as (price * 2) stored, mood app.mood default 'good', moods app.mood[],
                  s app.short, at timestamptz(3), span int4range, code char(3) unique);
                alter table app.t drop column gone""");

        TableShape shape = TableShape.read(session, TableName.parse("app.t"));

        assertThat(shape.columns())
                .extracting(c -> c.name() + " " + c.type())
                .containsExactly(
                        "id bigint",
                        "price numeric(10,2)",
                        "twice numeric",
                        "mood app.mood",
                        "moods app.mood[]",
                        "s app.short",
                        "at timestamp(3) with time zone",
                        "span int4range",
                        "code character(3)");
        assertThat(shape.column("id").orElseThrow().identity()).isEqualTo(TableShape.Identity.ALWAYS);
        assertThat(shape.column("price").orElseThrow().notNull()).isTrue();
        assertThat(shape.column("twice").orElseThrow().generated()).isTrue();
        assertThat(shape.column("mood").orElseThrow().hasDefault()).isTrue();
        assertThat(shape.column("moods").orElseThrow().type().part())
                .extracting(ColumnType::kind)
                .isEqualTo(ColumnType.Kind.ENUM);
        assertThat(shape.column("s").orElseThrow().type().withoutDomains().text())
                .isEqualTo("character varying(10)");
        assertThat(shape.column("span").orElseThrow().type().part())
                .extracting(ColumnType::name)
                .isEqualTo("int4");
        assertThat(shape.primaryKey()).containsExactly("id");
        assertThat(shape.keys()).extracting(TableShape.Key::columns).contains(List.of("code"));
        assertThat(shape.sequences())
                .containsExactly(new TableShape.Sequence(TableName.parse("app.t_id_seq"), "id", true, true));
        assertThat(shape.rights()).containsExactly("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE");
        assertThat(shape.estimatedRows()).isEqualTo(-1);
    }

    @Test
    void readsForeignKeysInBothDirectionsAndTriggers() throws Exception {
        session.update("""
                create table a (x int, y int, primary key (x, y));
                create table b (id serial primary key, ax int, ay int, parent int references b,
                  foreign key (ay, ax) references a (y, x) on delete cascade deferrable);
                create function f() returns trigger language plpgsql as 'begin return new; end';
                create trigger t before insert on b for each row execute function f()""");

        TableShape a = TableShape.read(session, TableName.parse("a"));
        TableShape b = TableShape.read(session, TableName.parse("b"));

        assertThat(a.referencedBy()).singleElement().satisfies(k -> {
            assertThat(k.from()).isEqualTo(b.name());
            assertThat(k.columns()).containsExactly("ay", "ax");
            assertThat(k.referenced()).containsExactly("y", "x");
            assertThat(k.onDelete()).isEqualTo("c");
            assertThat(k.deferrable()).isTrue();
        });
        assertThat(b.foreignKeys()).extracting(TableShape.ForeignKey::to).containsExactlyInAnyOrder(a.name(), b.name());
        assertThat(b.referencedBy()).isEmpty();
        assertThat(b.triggers()).containsExactly(new TableShape.Trigger("t", "O"));
    }

    @Test
    void readsLeavesAndEstimatesOfPartitionTrees() throws Exception {
        session.update("""
                create table e (id int, at date) partition by range (at);
                create table e_2025 partition of e for values from ('2025-01-01') to ('2026-01-01');
                create table e_2026 partition of e for values from ('2026-01-01') to ('2027-01-01') partition by hash (id);
                create table e_2026_0 partition of e_2026 for values with (modulus 2, remainder 0);
                create table e_2026_1 partition of e_2026 for values with (modulus 2, remainder 1);
                insert into e select i, date '2025-07-01' + i from generate_series(1, 365) i""");
        session.update("analyze e");

        TableShape shape = TableShape.read(session, TableName.parse("e"));

        assertThat(shape.isPartitioned()).isTrue();
        assertThat(shape.leaves())
                .extracting(l -> l.name().toString())
                .containsExactly("public.e_2025", "public.e_2026_0", "public.e_2026_1");
        assertThat(shape.estimatedRows()).isEqualTo(365);
        assertThat(shape.estimatedBytes()).isGreaterThanOrEqualTo(3 * 8192);
        assertThat(TableShape.read(session, TableName.parse("e_2025")).partition())
                .isTrue();
    }

    @Test
    void aLockedTableIsReadAllTheSame() throws Exception {
        session.update(
                "create table p (i int default 1) partition by list (i); create table p1 partition of p for values in (1);"
                        + " create index on p (i)");
        try (Session other = pools.database("shore").open(Work.unattended("locker"))) {
            other.begin();
            other.update("lock table p in access exclusive mode");

            assertThat(TableShape.read(session, TableName.parse("p")).leaves()).hasSize(1);
            assertThat(TablePattern.resolve(session, List.of("*.*"), List.of())).hasSize(1);
        }
    }

    @Test
    void aMissingTableNamesTheNearestOne() throws Exception {
        session.update("create table documents (i int)");

        assertThatThrownBy(() -> TableShape.read(session, TableName.parse("public.documnets")))
                .isInstanceOfSatisfying(OperatorException.class, e -> {
                    assertThat(e).hasMessage("there is no table public.documnets in database 'shore'");
                    assertThat(e.hint()).startsWith("did you mean 'public.documents'?");
                });
    }

    @Test
    void oneRoundTripReadsManyTables() throws Exception {
        session.update("create table a (i int); create table b (i int); create view v as select 1 as one");

        assertThat(TableShape.readAll(
                        session,
                        List.of(
                                TableName.parse("a"),
                                TableName.parse("b"),
                                TableName.parse("v"),
                                TableName.parse("nosuch"))))
                .hasSize(3)
                .hasEntrySatisfying(
                        TableName.parse("v"), v -> assertThat(v.kind()).isEqualTo(TableShape.Kind.VIEW));
    }
}
