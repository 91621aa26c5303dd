package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.testing.TestServers;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A metadata database with the tables of the standard, and ids that no other test uses: roles belong to the whole server. */
final class TenantRig implements AutoCloseable {

    static final Work WORK = Work.unattended("tenant test");

    private static final AtomicInteger COUNTER = new AtomicInteger();

    /** As the standard for metadata databases has them, without its policy. */
    static final String TABLES = """
            create table public.tenants (id text primary key, region text not null, plan text not null,
              status text not null default 'active', created_at timestamptz not null default now());
            create table pipelines (id bigserial primary key, tenant_id text not null references tenants, source text,
              status text not null check (status in ('on', 'off')), created_at timestamptz not null default now());
            create table incidents (id uuid primary key default gen_random_uuid(), tenant_id text not null references tenants,
              severity int not null, state text not null, created_at timestamptz not null default now());
            create index on incidents (tenant_id, created_at desc);
            create index on pipelines (tenant_id, created_at desc);
            """;

    final LocalServer server;
    final String name;
    private final String user;
    private final String prefix;
    private final DatabasePools pools;
    private final List<String> madeRoles = new ArrayList<>();

    TenantRig() {
        this("postgres");
    }

    TenantRig(String user) {
        this(TestServers.shore(), user);
    }

    TenantRig(LocalServer server, String user) {
        this(
                server,
                TestServers.freshDatabase(server),
                user,
                "t" + ProcessHandle.current().pid() + "-" + COUNTER.incrementAndGet() + "-");
    }

    private TenantRig(LocalServer server, String name, String user, String prefix) {
        this.server = server;
        this.name = name;
        this.user = user;
        this.prefix = prefix;
        this.pools =
                new DatabasePools(List.of(new DatabaseSettings("shore", server.url(name), user, null, 8, null, true)));
    }

    /** The same database and ids, for another role; to be closed before this one. */
    TenantRig forRole(String other) {
        return new TenantRig(server, name, other, prefix);
    }

    /** Who works, quoted. */
    String user() {
        return "\"" + user + "\"";
    }

    Database database() {
        return pools.database("shore");
    }

    /** An id of this test alone. */
    String id(String word) {
        return prefix + word;
    }

    TenantWish wish(String word, String plan, @Nullable String key) {
        return TenantWish.of(id(word), "kr", plan, new TenantSettings("shore", Map.of("small", Tenancy.SCHEMA)), key);
    }

    TenantResult create(String word) throws SQLException {
        return create(wish(word, "large", null));
    }

    TenantResult create(TenantWish wish) throws SQLException {
        return new TenantCreation(database(), WORK).create(wish, "run-1");
    }

    Review review() throws SQLException {
        return new TenantReview(database(), WORK).review(TenantReview.AT_MOST, "run-2");
    }

    /** The codes of what concerns this database: other tests' roles stand in the same server. */
    List<String> codes(Review review, String status) {
        return review.findings().stream()
                .filter(one -> one.status().wireName().equals(status))
                .map(ReviewFinding::code)
                .filter(code -> !code.equals("bypassesPolicies"))
                .distinct()
                .sorted()
                .toList();
    }

    /** Makes a role that goes with the rig. */
    String role(String word, String attributes) {
        String role = prefix + word;
        on("create role \"" + role + "\" " + attributes);
        madeRoles.add(role);
        return role;
    }

    void on(String sql) {
        TestServers.execute(server, name, sql);
    }

    String value(String sql) {
        return String.join(",", values("postgres", sql));
    }

    List<String> values(String user, String sql) {
        try (Connection connection = as(user);
                Statement statement = connection.createStatement()) {
            return rows(statement, sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    Connection as(String user) throws SQLException {
        return DriverManager.getConnection(server.url(name), user, "");
    }

    static List<String> rows(Statement statement, String sql) throws SQLException {
        List<String> values = new ArrayList<>();
        boolean more = statement.execute(sql);
        while (more || statement.getUpdateCount() >= 0) {
            if (more) {
                try (ResultSet row = statement.getResultSet()) {
                    while (row.next()) {
                        values.add(row.getString(1));
                    }
                }
            }
            more = statement.getMoreResults();
        }
        return values;
    }

    @Override
    public void close() {
        pools.close();
        List<String> tenants =
                values("postgres", "select rolname from pg_roles where rolname like 'tenant_" + prefix + "%'");
        // Tenants first: who has let them in goes only when none of that is left.
        for (String role : java.util.stream.Stream.concat(tenants.stream(), madeRoles.stream())
                .toList()) {
            on("drop owned by \"" + role + "\" cascade; drop role \"" + role + "\"");
        }
    }
}
