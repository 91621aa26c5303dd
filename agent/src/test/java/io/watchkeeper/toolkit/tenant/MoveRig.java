package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Work;
import io.watchkeeper.units.Bytes;
import java.sql.SQLException;
import java.time.Duration;

/** Tenants with rows in two tables that refer to each other, in both forms. */
final class MoveRig implements AutoCloseable {

    static final Gentleness QUICK = new Gentleness(7, Duration.ZERO, Bytes.megabytes(64));

    private static final String TABLES = """
            create table public.tenants (id text primary key, region text not null, plan text not null,
              status text not null default 'active', created_at timestamptz not null default now());
            create table crew (id bigint generated always as identity primary key, tenant_id text not null references tenants,
              name text not null, papers json, loud text generated always as (upper(name)) stored);
            create table duty (id bigserial primary key, tenant_id text not null references tenants, note text,
              crew_id bigint not null references crew on delete cascade, after_id bigint references duty);
            create index on crew (tenant_id); create index on duty (tenant_id); create index on duty (crew_id);
            create schema template_tenant;
            create table template_tenant.crew (id bigint generated always as identity primary key,
              name text not null, papers json, loud text generated always as (upper(name)) stored);
            create table template_tenant.duty (id bigserial primary key, note text,
              crew_id bigint not null references template_tenant.crew on delete cascade, after_id bigint references template_tenant.duty);
            """;

    final TenantRig rig;

    MoveRig() {
        this(new TenantRig());
    }

    MoveRig(TenantRig rig) {
        this.rig = rig;
        rig.on(TABLES);
    }

    static MovePlan plan(TenantId id, Tenancy to) {
        return new MovePlan(id, to, QUICK, Duration.ofSeconds(30), Duration.ofMillis(500), 20);
    }

    TenantMoveResult move(TenantId id, Tenancy to) throws SQLException {
        return move(id, to, TenantRig.WORK);
    }

    TenantMoveResult move(TenantId id, Tenancy to, Work work) throws SQLException {
        return new TenantMove(rig.database(), work).move(plan(id, to), "run-move");
    }

    /** A tenant of shared tables with twenty of a crew and forty duties, and a neighbour with some. */
    TenantId shared(String word) throws SQLException {
        TenantId id = new TenantId(rig.create(word).id());
        TenantId other = new TenantId(rig.create(word + "-other").id());
        fill(id, "tenant_id, ", "'" + id + "', ", "");
        rig.on("insert into crew (tenant_id, name) select '" + other + "', 'other ' || i from generate_series(1, 9) i");
        return id;
    }

    /** A tenant with a schema of its own, whose numbers no other tenant has. */
    TenantId own(String word) throws SQLException {
        TenantId id = new TenantId(rig.create(rig.wish(word, "small", null)).id());
        String schema = "\"" + id.schema() + "\".";
        rig.on("select setval('" + schema + "crew_id_seq', 100000), setval('" + schema + "duty_id_seq', 100000)");
        fill(id, "", "", schema);
        return id;
    }

    private void fill(TenantId id, String column, String value, String schema) {
        rig.on("insert into " + schema + "crew (" + column + "name, papers) select " + value
                + "'sailor ' || i, '{\"no\": 1, \"no\": 2}' from generate_series(1, 20) i;"
                + " insert into " + schema + "duty (" + column + "note, crew_id) select " + value
                + "'duty ' || c.id || ' ' || n, c.id from " + schema + "crew c, generate_series(1, 2) n where "
                + (column.isEmpty() ? "true" : "c.tenant_id = '" + id + "'") + " order by c.id;"
                + " update " + schema + "duty set after_id = id - 1 where id in (select max(id) from " + schema
                + "duty)");
    }

    /** What the tenant sees of a table, as its own role. */
    String seen(TenantId id, String table) {
        return rig.value("set role \"" + id.role() + "\"; set app.tenant_id = '" + id + "'; set search_path = \""
                + id.schema() + "\", public; select count(*) || ' ' || coalesce(max(id), 0) from " + table);
    }

    String status(TenantId id) {
        return rig.value("select status from tenants where id = '" + id + "'");
    }

    /** Rows of the tenant in shared tables, as nobody is held by a policy. */
    String sharedRows(TenantId id) {
        return rig.value("select (select count(*) from crew where tenant_id = '" + id + "') || ' '"
                + " || (select count(*) from duty where tenant_id = '" + id + "')");
    }

    /** Schemas of the tenant, whatever for. */
    String schemas(TenantId id) {
        return rig.value("select coalesce(string_agg(replace(nspname, '" + id + "', ''), ' ' order by nspname), '')"
                + " from pg_namespace where nspname ~ '_" + id + "$'");
    }

    String begun() {
        return rig.value("select count(*) from watchkeeper.tenant_moves");
    }

    @Override
    public void close() {
        rig.close();
    }
}
