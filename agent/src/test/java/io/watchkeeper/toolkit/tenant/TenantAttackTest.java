package io.watchkeeper.toolkit.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody tries who logs in with a role that is a member of one tenant's role, with SQL of his own. */
class TenantAttackTest {

    private final TenantRig rig = new TenantRig();
    private String attacker = "";
    private String a = "";
    private String b = "";

    @BeforeEach
    void twoTenants() throws Exception {
        rig.on(TenantRig.TABLES);
        a = rig.create("a").id();
        b = rig.create("b").id();
        attacker = rig.role("attacker", "login");
        rig.on("grant \"tenant_" + a + "\" to \"" + attacker + "\"");
        for (String tenant : List.of(a, b)) {
            rig.on("insert into incidents (tenant_id, severity, state) values ('" + tenant + "', 1, 'secret of "
                    + tenant + "')");
        }
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private List<String> attack(String sql) throws SQLException {
        try (Connection connection = rig.as(attacker);
                Statement statement = connection.createStatement()) {
            return TenantRig.rows(statement, sql.replace("$a", a).replace("$b", b));
        }
    }

    private void nothingOfB(String sql) throws SQLException {
        assertThat(attack(sql)).noneMatch(one -> String.valueOf(one).contains("secret of " + b));
        assertThat(rig.value("select state from incidents where tenant_id = '" + b + "'"))
                .isEqualTo("secret of " + b);
    }

    @Test
    void seesItsOwnWithOrWithoutSettingTheRole() throws Exception {
        String own = "secret of " + a;
        assertThat(attack("set app.tenant_id = '$a'; select state from incidents"))
                .containsExactly(own);
        assertThat(attack("set role \"tenant_$a\"; set app.tenant_id = '$a'; select state from incidents"))
                .containsExactly(own);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "set app.tenant_id = '$b'; select state from incidents",
                "set role \"tenant_$a\"; set app.tenant_id = '$b'; select state from incidents",
                "select set_config('app.tenant_id', '$b', false); select state from incidents",
                "set app.tenant_id = '$a'' or ''1''=''1'; select state from incidents",
                "set app.tenant_id = ''; select state from incidents",
                "reset app.tenant_id; select state from incidents",
                "set role watchkeeper_tenants; set app.tenant_id = '$b'; select state from incidents",
                "set app.tenant_id = '$b'; copy incidents (state) to stdout",
                "set app.tenant_id = '$b'; prepare p as select state from incidents; execute p",
                "set app.tenant_id = '$a'; prepare p as select state from incidents; set app.tenant_id = '$b'; execute p; execute p; execute p;"
                        + " execute p; execute p; execute p; execute p",
                "set app.tenant_id = '$b'; begin; declare c cursor for select state from incidents; fetch all from c; commit",
                "set app.tenant_id = '$b'; update incidents set state = 'mine'",
                "set app.tenant_id = '$b'; delete from incidents",
                "set app.tenant_id = '$a'; update incidents set state = 'mine' where tenant_id = '$b'",
                "set app.tenant_id = '$a'; update incidents set severity = 2 returning (select string_agg(state, ',') from incidents)",
                "set app.tenant_id = '$b'; explain (analyze, verbose, costs off) select state from incidents where state like 'secret%'",
                "set app.tenant_id = '$b'; with recursive w as (select * from incidents union all select * from incidents) select state from w",
                "set app.tenant_id = '$b'; select most_common_vals::text from pg_stats where tablename = 'incidents'",
                "set app.tenant_id = '$b'; select table_to_xml('incidents', true, false, '')::text",
                "set app.tenant_id = '$b'; select query_to_xml('select * from incidents', true, false, '')::text",
                "set app.tenant_id = '$b'; select state from incidents for update",
                "set app.tenant_id = '$b'; select state from only incidents tablesample system (100)",
            })
    void learnsNothingOfOthers(String sql) throws Exception {
        if (sql.contains("copy ")) {
            try (Connection connection = rig.as(attacker);
                    Statement statement = connection.createStatement()) {
                statement.execute("set app.tenant_id = '" + b + "'");
                java.io.StringWriter out = new java.io.StringWriter();
                new org.postgresql.copy.CopyManager(connection.unwrap(org.postgresql.core.BaseConnection.class))
                        .copyOut("copy incidents (state) to stdout", out);
                assertThat(out.toString()).isEmpty();
            }
            return;
        }
        nothingOfB(sql);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "set role \"tenant_$b\"",
                "set role \"tenant_$a\"; set role \"tenant_$b\"",
                "set session authorization \"tenant_$b\"",
                "grant \"tenant_$b\" to \"tenant_$a\"",
                "truncate incidents",
                "set app.tenant_id = '$a'; insert into incidents (tenant_id, severity, state) values ('$b', 1, 'planted')",
                "set app.tenant_id = '$b'; insert into incidents (tenant_id, severity, state) values ('$b', 1, 'planted')",
                "set app.tenant_id = '$a'; update incidents set tenant_id = '$b'",
                "set row_security = off; select * from incidents",
                "set session_replication_role = replica",
                "alter table incidents disable row level security",
                "alter table incidents no force row level security",
                "drop policy watchkeeper_tenant_limit on incidents",
                "create policy mine on incidents using (true)",
                "alter table incidents owner to \"tenant_$a\"",
                "create trigger t before insert on incidents for each row execute function suppress_redundant_updates_trigger()",
                "create table pg_temp.r (id uuid references public.incidents)",
                "select * from watchkeeper.tenant_proofs",
                "select * from tenants",
                "update tenants set status = 'active'",
                "alter role \"tenant_$a\" bypassrls",
                "create role x",
                "begin; lock table tenants",
                "select setval('pipelines_id_seq', 1)",
                "select last_value from pipelines_id_seq",
                "copy incidents to program 'cat'",
                "do $$ begin execute 'truncate incidents'; end $$",
            })
    void isRefused(String sql) throws Exception {
        assertThatThrownBy(() -> attack(sql))
                .isInstanceOf(SQLException.class)
                .message()
                .containsAnyOf(
                        "permission denied",
                        "must be owner",
                        "must be superuser",
                        "must have admin option",
                        "row-level security",
                        "temporary tables may reference only temporary");
        assertThat(rig.value("select count(*) from incidents")).isEqualTo("2");
    }

    /** A function that tells what it is called with must not be asked before the policy is. */
    @Test
    void aTalkativeFunctionHearsNothingOfOthers() throws Exception {
        try (Connection connection = rig.as(attacker);
                Statement statement = connection.createStatement()) {
            statement.execute("create function pg_temp.tell(text) returns bool language plpgsql cost 0.0000001 as"
                    + " $$ begin raise notice 'heard %', $1; return true; end $$");
            statement.execute("create operator pg_temp.~~~ (procedure = pg_temp.tell, rightarg = text)");
            statement.execute("set app.tenant_id = '" + a + "'");
            assertThat(TenantRig.rows(statement, "select state from incidents where pg_temp.tell(state)"))
                    .hasSize(1);
            StringBuilder heard = new StringBuilder();
            for (SQLException one = statement.getWarnings(); one != null; one = one.getNextException()) {
                heard.append(one.getMessage());
            }
            assertThat(heard.toString()).contains("heard secret of " + a).doesNotContain("secret of " + b);
        }
    }

    /** Names in the policy are fixed when it is made: a path full of look-alikes changes nothing. */
    @Test
    void lookAlikeFunctionsAreNotAsked() throws Exception {
        nothingOfB(
                "create function pg_temp.pg_has_role(regrole, text) returns bool language sql as 'select true';"
                        + " create function pg_temp.current_setting(text, bool) returns text language sql as $$select '$b'::text$$;"
                        + " set search_path = pg_temp, public, pg_catalog; set app.tenant_id = '$b'; select state from incidents");
    }

    @Test
    void aPlanThatWasMadeForOneTenantIsNotUsedForAnother() throws Exception {
        rig.on("grant \"tenant_" + b + "\" to \"" + attacker + "\"");
        try (Connection connection = rig.as(attacker);
                Statement statement = connection.createStatement();
                PreparedStatement states = connection.prepareStatement("select state from incidents")) {
            for (int round = 0; round < 12; round++) {
                String tenant = round % 2 == 0 ? a : b;
                statement.execute("set role \"tenant_" + tenant + "\"");
                statement.execute("set app.tenant_id = '" + tenant + "'");
                try (var rows = states.executeQuery()) {
                    assertThat(rows.next()).isTrue();
                    assertThat(rows.getString(1)).isEqualTo("secret of " + tenant);
                    assertThat(rows.next()).isFalse();
                }
            }
        }
    }

    /** What a tenant can do to itself must not turn into what it can do to others. */
    @Test
    void viewsAndFunctionsOfItsOwnShowItNothingMore() throws Exception {
        nothingOfB("create temp view v as select * from incidents; set app.tenant_id = '$b'; select state from v");
        nothingOfB(
                "create function pg_temp.f() returns setof text language sql security definer as 'select state from public.incidents';"
                        + " set app.tenant_id = '$b'; select pg_temp.f()");
    }

    @Test
    void aSuspendedTenantIsClosedAlsoForAGatewayThatServesOthers() throws Exception {
        rig.on("grant \"tenant_" + b + "\" to \"" + attacker + "\"");
        assertThat(attack("set app.tenant_id = '$b'; select state from incidents"))
                .hasSize(1);

        rig.on("revoke watchkeeper_tenants from \"tenant_" + b + "\"");

        assertThat(attack("set app.tenant_id = '$b'; select state from incidents"))
                .isEmpty();
        assertThat(attack("set app.tenant_id = '$a'; select state from incidents"))
                .hasSize(1);
    }

    @Test
    void theIndexIsUsedBehindThePolicy() throws Exception {
        rig.on("insert into incidents (tenant_id, severity, state) select '" + b
                + "', 1, 'x' from generate_series(1, 20000); analyze incidents");

        assertThat(String.join("\n", attack("set app.tenant_id = '$a'; explain select state from incidents")))
                .contains("Index Cond: (tenant_id = current_setting('app.tenant_id'::text, true))")
                .contains("InitPlan 1");
    }
}
