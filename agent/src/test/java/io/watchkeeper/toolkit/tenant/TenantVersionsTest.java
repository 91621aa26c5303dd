package io.watchkeeper.toolkit.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.PostgresVersions;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What differs between versions: since 16 a membership belongs to who granted it, and CREATEROLE governs only what it made. */
@Tag("campaign")
class TenantVersionsTest {

    private static final String TEMPLATE = """
            create schema template_tenant;
            create table template_tenant.crew (id bigint generated always as identity primary key, name text not null);
            create view template_tenant.named as select name from template_tenant.crew;
            """;
    private static final int FIRST_WITH_GRANTORS = 16;

    private static PostgresVersions versions;

    @BeforeAll
    static void unpack() throws IOException {
        versions = new PostgresVersions();
    }

    @AfterAll
    static void remove() throws IOException {
        versions.close();
    }

    static List<Integer> every() {
        assertThat(PostgresVersions.available()).as("run with -Pevery-version").containsExactly(14, 15, 16, 17, 18);
        return PostgresVersions.available();
    }

    @ParameterizedTest(name = "PostgreSQL {0}")
    @MethodSource("every")
    void tenantsOfBothFormsAreMadeProvenShutOutAndLetIn(int version) throws Exception {
        try (TenantRig rig = rig(version)) {
            goThrough(rig, rig);
        }
    }

    /** CREATEROLE, CREATE on the database and the shared tables, as docs/tenants.md has it; from 16 on it governs what it has made. */
    @ParameterizedTest(name = "PostgreSQL {0}")
    @MethodSource("every")
    void itTakesNoSuperuser(int version) throws Exception {
        try (TenantRig rig = rig(version);
                TenantRig keeper = rig.forRole(keeper(rig))) {
            goThrough(rig, keeper);
        }
    }

    @ParameterizedTest(name = "PostgreSQL {0}")
    @MethodSource("every")
    void aKeeperThatPoliciesDoNotHoldIsNoHoleForWhoeverLooks(int version) throws Exception {
        try (TenantRig rig = rig(version)) {
            String name = keeper(rig);
            rig.on("alter role \"" + name + "\" bypassrls");
            try (TenantRig keeper = rig.forRole(name)) {
                keeper.create("a");

                assertThat(rig.codes(rig.review(), "fail")).isEmpty();
                assertThat(rig.codes(keeper.review(), "fail")).isEmpty();

                // Since 16 it is a member that may not be the tenant, and a plain GRANT leaves that as it is.
                rig.on("grant \"" + new TenantId(rig.id("a")).role() + "\" to \"" + name + "\""
                        + (version < FIRST_WITH_GRANTORS ? "" : " with set true"));
                assertThat(rig.codes(rig.review(), "fail")).containsExactly("memberBypasses");
            }
        }
    }

    @ParameterizedTest(name = "PostgreSQL {0}")
    @MethodSource("every")
    void aSuperuserShutsOutWhatAnotherRoleHasLetIn(int version) throws Exception {
        try (TenantRig rig = rig(version);
                TenantRig keeper = rig.forRole(keeper(rig))) {
            TenantId shared = new TenantId(keeper.create("a").id());
            TenantId own =
                    new TenantId(keeper.create(keeper.wish("s", "small", null)).id());
            // Let in twice, by two roles: since 16 these are two memberships.
            rig.on("grant watchkeeper_tenants to \"" + shared.role() + "\"");
            TenantDoor door = new TenantDoor(rig.database(), TenantRig.WORK);

            assertThat(door.suspend(shared)).isTrue();
            assertThat(door.suspend(own)).isTrue();

            assertShut(rig, shared, own);
            assertThat(door.resume(shared, "run-3")).isTrue();
            assertThat(door.resume(own, "run-3")).isTrue();
            assertOpen(rig, shared, own);
        }
    }

    @ParameterizedTest(name = "PostgreSQL {0}")
    @MethodSource("every")
    void whatARoleMayNotShutIsNotSaidToBeShut(int version) throws Exception {
        try (TenantRig rig = rig(version);
                TenantRig keeper = rig.forRole(keeper(rig))) {
            TenantId id = new TenantId(rig.create("a").id());
            TenantDoor door = new TenantDoor(keeper.database(), TenantRig.WORK);
            assertThatThrownBy(() -> door.suspend(id))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("may not keep records of tenants");
            for (String table : List.of("tenant_requests", "tenant_proofs")) {
                rig.on("alter table watchkeeper." + table + " owner to " + keeper.user());
            }
            rig.on("grant usage, create on schema watchkeeper to " + keeper.user());

            if (version < FIRST_WITH_GRANTORS) {
                assertThat(door.suspend(id)).isTrue();
                return;
            }
            assertThatThrownBy(() -> door.suspend(id))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("was not suspended")
                    .extracting(one -> String.valueOf(((OperatorException) one).hint()))
                    .asString()
                    .contains("REVOKE watchkeeper_tenants FROM \"" + id.role() + "\" GRANTED BY postgres;");
            assertThat(rig.value("select status from tenants")).isEqualTo("active");
        }
    }

    private static TenantRig rig(int version) {
        TenantRig rig = new TenantRig(versions.server(version), "postgres");
        rig.on(TenantRig.TABLES + TEMPLATE);
        return rig;
    }

    /** A role with the rights that are documented, and no more. */
    private static String keeper(TenantRig rig) {
        String name = rig.role("keeper", "login createrole");
        rig.on("grant create on database " + rig.name + " to \"" + name + "\"");
        for (String table :
                List.of("tenants", "pipelines", "incidents", "template_tenant.crew", "template_tenant.named")) {
            rig.on("alter " + (table.endsWith("named") ? "view " : "table ") + table + " owner to \"" + name + "\"");
        }
        rig.on("alter schema template_tenant owner to \"" + name + "\"");
        // Where another role has made them on this server.
        rig.on("do $$ begin if to_regrole('watchkeeper_tenants') is not null then"
                + " grant watchkeeper_tenants, watchkeeper_held to \"" + name + "\" with admin option; end if; end $$");
        return name;
    }

    private static void goThrough(TenantRig rig, TenantRig agent) throws SQLException {
        TenantResult shared = agent.create("a");
        TenantResult own = agent.create(agent.wish("s", "small", null));
        agent.create("b");
        assertThat(shared.proof().passed()).isTrue();
        assertThat(shared.proof().unproven()).isEmpty();
        assertThat(own.proof().passed()).isTrue();
        assertThat(own.tenancy()).isEqualTo(Tenancy.SCHEMA);
        assertThat(agent.codes(agent.review(), "fail")).isEmpty();
        assertThat(rig.codes(rig.review(), "fail")).isEmpty();

        TenantId a = new TenantId(shared.id());
        TenantId s = new TenantId(own.id());
        TenantDoor door = new TenantDoor(agent.database(), TenantRig.WORK);
        assertThat(door.describe(a, false)).isNotEmpty();
        assertThat(door.suspend(a)).isTrue();
        assertThat(door.suspend(s)).isTrue();
        assertShut(rig, a, s);
        assertThat(agent.codes(agent.review(), "fail")).isEmpty();
        assertThat(door.resume(a, "run-3")).isTrue();
        assertThat(door.resume(s, "run-3")).isTrue();
        assertOpen(rig, a, s);

        // A hole is found on every version.
        rig.on("alter table incidents no force row level security");
        assertThat(agent.codes(agent.review(), "fail")).contains("notForced");
    }

    private static void assertShut(TenantRig rig, TenantId shared, TenantId own) {
        assertThat(rig.value("select pg_has_role('" + shared.role() + "', 'watchkeeper_tenants', 'member')"))
                .isEqualTo("f");
        assertThat(rig.value("select has_schema_privilege('" + own.role() + "', '" + own.schema() + "', 'usage')"))
                .isEqualTo("f");
        assertThat(rig.value("select count(*) from tenants where status = 'suspended'"))
                .isEqualTo("2");
    }

    private static void assertOpen(TenantRig rig, TenantId shared, TenantId own) {
        assertThat(rig.values(
                        "postgres",
                        "set role \"" + shared.role() + "\"; set app.tenant_id = '" + shared
                                + "'; insert into incidents (tenant_id, severity, state) values ('" + shared
                                + "', 1, 'x') returning state"))
                .containsExactly("x");
        assertThat(rig.values(
                        "postgres",
                        "set role \"" + own.role() + "\"; insert into \"" + own.schema()
                                + "\".crew (name) values ('Kim') returning name"))
                .containsExactly("Kim");
        assertThat(rig.value("select string_agg(distinct status, ' ') from tenants"))
                .isEqualTo("active");
    }
}
