package io.watchkeeper.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.testing.TestHost;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tenants by command, each as a run that is recorded. */
class TenantCommandTest {

    private static final String ID = "cmd" + ProcessHandle.current().pid();

    @TempDir
    Path home;

    private TestHost host;

    @BeforeEach
    void makeHost() {
        host = new TestHost(home);
        host.onShore("create table notes (tenant_id text not null, note text); create index on notes (tenant_id)");
    }

    @AfterEach
    void dropRole() {
        host.onShore("do $$ begin if exists (select from pg_roles where rolname = 'tenant_" + ID + "') then"
                + " execute 'drop owned by tenant_" + ID + "; drop role tenant_" + ID + "'; end if; end $$");
    }

    private TestHost.Called tenant(String... arguments) {
        String[] all = new String[arguments.length + 3];
        all[0] = "tenant";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        all[all.length - 2] = "--database";
        all[all.length - 1] = "shore";
        return host.call(all);
    }

    @Test
    void makesListsProvesAndSuspends() throws Exception {
        TestHost.Called made = tenant("create", ID, "--region", "kr", "--plan", "large");
        assertThat(made.exitStatus()).as(made.err()).isZero();
        assertThat(tenant("list").out()).contains(ID, "kr", "large", "active", "rls");

        TestHost.Called proven = tenant("verify", "--json");
        assertThat(proven.exitStatus()).as(proven.out()).isZero();
        JsonNode run = new ObjectMapper().readTree(proven.out());
        assertThat(run.at("/steps/0/results/0/status").asText()).isIn("ok", "warn");

        assertThat(tenant("suspend", ID).exitStatus()).isZero();
        assertThat(tenant("list", "--json").out()).contains("suspended");
        assertThat(tenant("resume", ID).exitStatus()).isZero();
        assertThat(host.call("history").out()).contains("tenant", "succeeded");
    }

    @Test
    void aHoleExitsWithOne() {
        tenant("create", ID, "--region", "kr", "--plan", "large");
        host.onShore("alter table notes no force row level security");

        TestHost.Called proven = tenant("verify");

        assertThat(proven.exitStatus()).isEqualTo(1);
        assertThat(proven.err() + proven.out()).contains("ALTER TABLE public.notes FORCE ROW LEVEL SECURITY;");
    }

    @Test
    void movesATenantToAndFroAndDropsIt() throws Exception {
        host.writeConfig("backups: { repository: " + home.resolve("repository") + " }\n");
        host.onShore(
                "alter table notes add id uuid primary key default gen_random_uuid(); create schema template_tenant;"
                        + " create table template_tenant.notes (note text, id uuid primary key default gen_random_uuid())");
        tenant("create", ID, "--region", "kr", "--plan", "large");
        host.onShore("insert into notes select '" + ID + "', 'note ' || i from generate_series(1, 30) i");

        assertThat(tenant("move", ID, "--to", "elsewhere").exitStatus()).isEqualTo(2);
        TestHost.Called described = tenant("move", ID, "--to", "schema", "--dry-run");
        assertThat(described.out()).contains("CREATE SCHEMA watchkeeper_move_" + ID, "insert into", "30");
        assertThat(tenant("list").out()).contains("rls");

        TestHost.Called moved = tenant("move", ID, "--to", "schema", "--batch", "10", "--shut-out", "1m");
        assertThat(moved.exitStatus()).as(moved.err()).isZero();
        assertThat(tenant("list").out()).contains("schema", "active").doesNotContain("rls");
        assertThat(tenant("move", ID, "--to", "rls").exitStatus()).isZero();

        assertThat(tenant("drop", ID, "--confirm", ID).err()
                        + tenant("drop", ID, "--confirm", ID).out())
                .contains("is not suspended");
        tenant("suspend", ID);
        assertThat(tenant("drop", ID).exitStatus()).isEqualTo(1);
        assertThat(tenant("drop", ID, "--dry-run").out()).contains("DELETE FROM public.notes", "30");
        TestHost.Called dropped = tenant("drop", ID, "--confirm", ID);
        assertThat(dropped.exitStatus()).as(dropped.err()).isZero();
        assertThat(tenant("list").out()).contains(ID, "closed");
        assertThat(host.call("audit", "export").out()).contains("tenant.moved", "tenant.dropped", ID + ", archive ");
    }

    @Test
    void aDryRunChangesNothing() {
        TestHost.Called described = tenant("create", ID, "--region", "kr", "--plan", "large", "--dry-run");

        assertThat(described.exitStatus()).as(described.err()).isZero();
        assertThat(described.out()).contains("ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY");
        assertThat(tenant("list").out()).contains("No tenants yet.");
    }

    @Test
    void anIdThatCannotBeOneIsAUsageError() {
        TestHost.Called refused = tenant("create", "A'; --", "--region", "kr", "--plan", "large");

        assertThat(refused.exitStatus()).isEqualTo(2);
        assertThat(refused.err()).contains("cannot be a tenant's id");
    }
}
