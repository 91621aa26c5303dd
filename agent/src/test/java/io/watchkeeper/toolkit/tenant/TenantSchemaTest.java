package io.watchkeeper.toolkit.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.problem.OperatorException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tenants with schemas of their own, made like the template on a real server. */
class TenantSchemaTest {

    private final TenantRig rig = new TenantRig();

    @BeforeEach
    void template() {
        rig.on("""
                create schema template_tenant;
                set search_path = template_tenant;
                create sequence ticket_no start with 100 increment by 5;
                create table crew (id serial primary key, name text not null, rank text default 'mate' check (rank in ('mate', 'captain')),
                  unique (name));
                create table ticket (id bigint generated always as identity primary key, no bigint default nextval('ticket_no'),
                  crew_id int references crew on delete cascade, at timestamptz default now(), note text) with (fillfactor = 80);
                create index on ticket (at desc) include (note);
                create view open_tickets as select t.id, c.name from ticket t join crew c on c.id = t.crew_id;
                create view named as select name from open_tickets;
                comment on table crew is 'who is aboard';
                """);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private TenantResult create(String word) throws SQLException {
        return rig.create(rig.wish(word, "small", null));
    }

    private List<String> as(TenantResult tenant, String sql) throws SQLException {
        try (Connection connection = rig.as("postgres");
                Statement statement = connection.createStatement()) {
            return TenantRig.rows(
                    statement,
                    "set role \"" + tenant.role() + "\"; set search_path = \"" + tenant.role() + "\"; " + sql);
        }
    }

    @Test
    void carriesEverythingOver() throws Exception {
        TenantResult a = create("a");
        TenantResult b = create("b");

        assertThat(a.tenancy()).isEqualTo(Tenancy.SCHEMA);
        assertThat(a.proof().passed()).isTrue();
        assertThat(
                        as(
                                a,
                                "insert into crew (name) values ('Kim'); insert into ticket (crew_id, note) values (1, 'x') returning no"))
                .containsExactly("100");
        assertThat(as(a, "select name from named")).containsExactly("Kim");
        assertThat(as(b, "insert into crew (name) values ('Kim') returning id")).containsExactly("1");
        assertThat(as(b, "select count(*) from ticket")).containsExactly("0");
        assertThat(rig.value("select last_value from template_tenant.ticket_no"))
                .isEqualTo("100");
        assertThat(rig.value("select is_called from template_tenant.ticket_no")).isEqualTo("f");
        assertThatThrownBy(() -> as(a, "insert into crew (name, rank) values ('x', 'cook')"))
                .hasMessageContaining("crew_rank_check");
        assertThatThrownBy(() -> as(a, "insert into ticket (crew_id) values (7)"))
                .hasMessageContaining("foreign key");
        assertThat(rig.values("postgres", shape("template_tenant"))).isEqualTo(rig.values("postgres", shape(a.role())));
    }

    /** What a schema looks like, with its own name taken out. */
    private static String shape(String schema) {
        return """
                select replace(what, '%1$s', 'X') from (
                  select 'index ' || regexp_replace(pg_get_indexdef(x.indexrelid), '"?%1$s"?\\.', '') as what from pg_index x
                    join pg_class c on c.oid = x.indrelid where c.relnamespace = '"%1$s"'::regnamespace
                  union all select 'constraint ' || k.conname || regexp_replace(pg_get_constraintdef(k.oid), '"?%1$s"?\\.', '') from pg_constraint k
                    where k.connamespace = '"%1$s"'::regnamespace
                  union all select 'relation ' || c.relname || c.relkind::text || coalesce(c.reloptions::text, '') || coalesce(obj_description(c.oid, 'pg_class'), '')
                    from pg_class c where c.relnamespace = '"%1$s"'::regnamespace
                  union all select 'default ' || c.relname || a.attname || regexp_replace(pg_get_expr(d.adbin, d.adrelid), '"?%1$s"?\\.', '')
                    from pg_attrdef d join pg_class c on c.oid = d.adrelid join pg_attribute a on a.attrelid = c.oid and a.attnum = d.adnum
                    where c.relnamespace = '"%1$s"'::regnamespace) w order by 1
                """.formatted(schema);
    }

    @Test
    void keepsTenantsOutOfEachOthersSchemasAndOfTheTemplate() throws Exception {
        TenantResult a = create("a");
        TenantResult b = create("b");

        for (String schema : List.of(b.role(), "template_tenant", "watchkeeper")) {
            assertThatThrownBy(() -> as(
                            a,
                            "select * from \"" + schema + "\"."
                                    + (schema.equals("watchkeeper") ? "tenant_proofs" : "crew")))
                    .hasMessageContaining("permission denied for schema");
        }
        assertThatThrownBy(() -> as(a, "create table mine (n int)"))
                .hasMessageContaining("permission denied for schema");
        assertThatThrownBy(() -> as(a, "truncate crew")).hasMessageContaining("permission denied");
        assertThat(rig.codes(rig.review(), "fail")).isEmpty();
    }

    @Test
    void aSchemaThatIsOpenedToAnotherTenantIsFound() throws Exception {
        TenantResult a = create("a");
        TenantResult b = create("b");
        rig.on("grant usage on schema \"" + b.role() + "\" to \"" + a.role()
                + "\"; grant select on all tables in schema \"" + b.role() + "\" to \"" + a.role() + "\"");

        assertThat(rig.codes(rig.review(), "fail")).contains("schemaOpen", "proof");
    }

    @Test
    void givesOtherRolesWhatTheTemplateGivesThem() throws Exception {
        String reader = rig.role("reader", "login");
        rig.on("grant select on template_tenant.crew to \"" + reader + "\"");

        TenantResult a = create("a");

        assertThat(rig.values(reader, "select count(*) from \"" + a.role() + "\".crew"))
                .containsExactly("0");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            the function f              | create function template_tenant.f() returns int language sql as 'select 1'
            the type mood               | create type template_tenant.mood as enum ('ok')
            the partitioned table p     | create table template_tenant.p (n int) partition by list (n)
            the materialized view m     | create materialized view template_tenant.m as select 1
            rights for PUBLIC on crew   | grant select on template_tenant.crew to public
            rights on the column crew.name | grant select (name) on template_tenant.crew to pg_monitor
            the rule r on crew          | create rule r as on delete to template_tenant.crew do instead nothing
            the policy p on crew        | create policy p on template_tenant.crew using (true)
            """)
    void refusesWhatItCannotCarryOver(String what, String sql) throws Exception {
        rig.on(sql);

        assertThatThrownBy(() -> create("a"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining(what);
        assertThat(rig.value("select to_regclass('public.tenants') is null")).isEqualTo("t");
    }

    @Test
    void saysThatTheTemplateIsMissing() {
        rig.on("drop schema template_tenant cascade");

        assertThatThrownBy(() -> create("a")).hasMessageContaining("has no schema template_tenant");
    }
}
