package io.watchkeeper.toolkit.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.problem.OperatorException;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tenants that are shut out and let in, while a session of theirs is open. */
class TenantDoorTest {

    private final TenantRig rig = new TenantRig();
    private final TenantDoor door = new TenantDoor(rig.database(), TenantRig.WORK);

    @BeforeEach
    void tables() {
        rig.on(TenantRig.TABLES + "create schema template_tenant; create table template_tenant.crew (name text)");
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void shutsAnOpenSessionOutOfSharedTablesAndLetsItInAgain() throws Exception {
        TenantId id = new TenantId(rig.create("a").id());
        try (Connection connection = rig.as("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("set role \"" + id.role() + "\"; set app.tenant_id = '" + id + "'");
            statement.execute("insert into incidents (tenant_id, severity, state) values ('" + id + "', 1, 'x')");

            assertThat(door.suspend(id)).isTrue();
            assertThatThrownBy(() -> statement.execute("select * from incidents"))
                    .hasMessageContaining("permission denied");
            assertThat(rig.value("select status from tenants")).isEqualTo("suspended");
            assertThat(door.suspend(id)).isFalse();

            assertThat(door.resume(id, "run-9")).isTrue();
            assertThat(TenantRig.rows(statement, "select state from incidents")).containsExactly("x");
            assertThat(rig.value("select status from tenants")).isEqualTo("active");
            assertThat(rig.value("select passed from watchkeeper.tenant_proofs where run_id = 'run-9'"))
                    .isEqualTo("t");
        }
    }

    /** The standard's own policy is for everybody; what is taken at suspension is not what holds a tenant back. */
    @Test
    void aSuspendedTenantIsHeldWhereTheSettingAloneWouldOpen() throws Exception {
        rig.on("alter table incidents enable row level security; create policy p_incidents_tenant on incidents"
                + " using (tenant_id = current_setting('app.tenant_id')::text); grant select on incidents to public");
        TenantId a = new TenantId(rig.create("a").id());
        TenantId b = new TenantId(rig.create("b").id());
        rig.on("insert into incidents (tenant_id, severity, state) values ('" + b + "', 1, 'secret'), ('" + a
                + "', 1, 'own')");
        String app = rig.role("app", "login");
        rig.on("grant \"" + a.role() + "\" to \"" + app + "\"");
        assertThat(rig.values(app, "set app.tenant_id = '" + a + "'; select state from incidents"))
                .containsExactly("own");

        door.suspend(a);

        for (String role : List.of(app, a.role(), "watchkeeper_held")) {
            for (TenantId id : List.of(a, b)) {
                assertThat(rig.values(
                                app,
                                "set role \"" + role + "\"; set app.tenant_id = '" + id
                                        + "'; select state from incidents"))
                        .isEmpty();
            }
        }
        door.resume(a, "run-9");
        for (String role : List.of(app, a.role(), "watchkeeper_held", "watchkeeper_tenants")) {
            assertThat(rig.values(
                            app,
                            "set role \"" + role + "\"; set app.tenant_id = '" + b + "'; select state from incidents"))
                    .isEmpty();
        }
    }

    @Test
    void shutsATenantOutOfItsOwnSchema() throws Exception {
        TenantId id = new TenantId(rig.create(rig.wish("s", "small", null)).id());

        door.suspend(id);

        assertThat(rig.value("select has_schema_privilege('" + id.role() + "', '" + id.schema() + "', 'usage')"))
                .isEqualTo("f");
        door.resume(id, "run-9");
        assertThat(rig.value("select has_schema_privilege('" + id.role() + "', '" + id.schema() + "', 'usage')"))
                .isEqualTo("t");
    }

    @Test
    void aTenantThatIsNotKeptApartStaysOut() throws Exception {
        TenantId id = new TenantId(rig.create("a").id());
        door.suspend(id);
        rig.on("drop policy watchkeeper_tenant_limit on incidents; create policy open on incidents using (true)");

        assertThatThrownBy(() -> door.resume(id, "run-9")).hasMessageContaining("is not kept apart");
        assertThat(rig.value("select status from tenants")).isEqualTo("suspended");
    }

    /** As with a membership that another role granted, on PostgreSQL 16 and later: the REVOKE succeeds and changes nothing. */
    @Test
    void doesNotSayShutWhereItIsStillOpen() throws Exception {
        TenantId shared = new TenantId(rig.create("a").id());
        TenantId own = new TenantId(rig.create(rig.wish("s", "small", null)).id());
        String way = rig.role("way", "nologin");
        rig.on("grant watchkeeper_tenants to \"" + way + "\"; grant \"" + way + "\" to \"" + shared.role() + "\";"
                + " grant usage on schema \"" + own.schema() + "\" to public");

        assertThatThrownBy(() -> door.suspend(shared))
                .hasMessageContaining("is still a member of watchkeeper_tenants")
                .extracting(one -> ((OperatorException) one).hint())
                .asString()
                .contains("pg_auth_members");
        assertThatThrownBy(() -> door.suspend(own)).hasMessageContaining("may still use the schema " + own.schema());
        assertThat(rig.value("select string_agg(distinct status, ' ') from tenants"))
                .isEqualTo("active");
        assertThat(rig.value(
                        "select count(*) from pg_auth_members where member = '\"" + shared.role() + "\"'::regrole"))
                .as("the membership and the way around")
                .isNotEqualTo("1");
    }

    @Test
    void saysThatThereIsNoSuchTenant() {
        assertThatThrownBy(() -> door.suspend(new TenantId("nobody"))).hasMessageContaining("has no tenant 'nobody'");
    }

    @Test
    void saysWhatItWouldDo() throws Exception {
        TenantId id = new TenantId(rig.create("a").id());

        assertThat(door.describe(id, false).get(0).sql())
                .isEqualTo("REVOKE watchkeeper_tenants FROM \"" + id.role() + "\"");
        assertThat(door.describe(id, true)).isEmpty();
    }
}
