package io.watchkeeper.bench;

import io.watchkeeper.files.FolderTree;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.toolkit.tenant.Tenancy;
import io.watchkeeper.toolkit.tenant.TenantCreation;
import io.watchkeeper.toolkit.tenant.TenantReview;
import io.watchkeeper.toolkit.tenant.TenantSettings;
import io.watchkeeper.toolkit.tenant.TenantWish;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What making a tenant takes, its proof included: agent/bin/bench Tenants [TENANTS] [TABLES]
 *
 * <p>The shared tables, and the template's, have two indexes each; the server syncs every commit.
 */
public final class TenantsBench {

    private TenantsBench() {}

    public static void main(String[] arguments) throws Exception {
        int tenants = (int) Arguments.number(arguments, 0, 500);
        int tables = (int) Arguments.number(arguments, 1, 5);
        Path folder = Files.createTempDirectory("watchkeeper-bench");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        LocalServer server = LocalServer.create(
                PgBinaries.find(null).orElseThrow(), folder.resolve("shore"), Map.of("fsync", "on", "synchronous_commit", "on"));
        DatabaseSettings settings =
                new DatabaseSettings("shore", server.url("postgres"), "postgres", null, 4, null, true);
        try (server;
                DatabasePools pools = new DatabasePools(List.of(settings))) {
            Database shore = pools.database("shore");
            fill(shore, tables);
            measure(shore, "rls", tenants);
            measure(shore, "schema", tenants);
            review(shore);
        } finally {
            FolderTree.delete(folder);
        }
    }

    private static void fill(Database shore, int tables) throws Exception {
        try (Session session = shore.open(Work.unattended("bench"))) {
            session.runVerbatim("create schema template_tenant");
            for (int i = 1; i <= tables; i++) {
                session.runVerbatim("create table t_" + i
                        + " (id bigserial primary key, tenant_id text not null, state text not null, created_at timestamptz not null default"
                        + " now()); create index on t_" + i + " (tenant_id, created_at desc); create table template_tenant.t_" + i
                        + " (id bigserial primary key, state text not null, created_at timestamptz not null default now());"
                        + " create index on template_tenant.t_" + i + " (created_at desc)");
            }
        }
    }

    private static void measure(Database shore, String plan, int tenants) throws Exception {
        TenantSettings plans = new TenantSettings("shore", Map.of("schema", Tenancy.SCHEMA));
        double[] took = new double[tenants];
        for (int i = 0; i < tenants; i++) {
            long begun = System.nanoTime();
            new TenantCreation(shore, Work.unattended("bench"))
                    .create(TenantWish.of(plan.charAt(0) + "-" + i, "kr", plan, plans, plan + i), "bench");
            took[i] = (System.nanoTime() - begun) / 1e6;
        }
        double last = Arrays.stream(took).skip(Math.max(0, tenants - 50)).average().orElse(0);
        Arrays.sort(took);
        System.out.printf(
                "%-6s %d tenants: median %.0f ms, 99 %% %.0f ms, most %.0f ms; the last 50 on average %.0f ms%n",
                plan, tenants, took[tenants / 2], took[(int) (tenants * 0.99)], took[tenants - 1], last);
    }

    private static void review(Database shore) throws Exception {
        long begun = System.nanoTime();
        String words = new TenantReview(shore, Work.unattended("bench")).review(20, "bench").words();
        System.out.printf("%s: %.0f ms%n", words, (System.nanoTime() - begun) / 1e6);
    }
}
