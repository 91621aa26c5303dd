package io.watchkeeper.toolkit.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holes that are made on purpose are found, each with what closes it. */
class TenantReviewTest {

    private final TenantRig rig = new TenantRig();

    @BeforeEach
    void aTenant() throws Exception {
        rig.on(TenantRig.TABLES);
        rig.create("a");
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void findsNothingToMendWhereNothingIsWrong() throws Exception {
        Review review = rig.review();

        assertThat(rig.codes(review, "fail")).isEmpty();
        assertThat(review.summary()).contains("1 tenants, 2 shared tables, 1 tenants proven");
        assertThat(review.evidence()).anySatisfy(row -> assertThat(row).containsEntry("tenant", rig.id("a")));
        assertThat(review.evidence()).anySatisfy(row -> assertThat(row).containsEntry("role", "postgres"));
        assertThat(rig.value("select count(*) from watchkeeper.tenant_proofs where run_id = 'run-2' and passed"))
                .isEqualTo("1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            notForced      | alter table incidents no force row level security
            notSecured     | alter table incidents disable row level security
            notSecured     | create table later (tenant_id text)
            noPolicy       | create table later (tenant_id text); alter table later enable row level security
            noPolicy       | drop policy watchkeeper_tenant_limit on incidents
            changedPolicy  | alter policy watchkeeper_tenant on incidents using (true)
            changedPolicy  | alter policy watchkeeper_tenant_limit on incidents with check (true)
            changedPolicy  | alter policy watchkeeper_tenant on incidents to public
            changedPolicy  | alter policy watchkeeper_tenant_limit on incidents to watchkeeper_tenants
            changedPolicy  | alter policy watchkeeper_tenant_limit on incidents to watchkeeper_held
            changedPolicy  | alter policy watchkeeper_tenant on incidents using (tenant_id = current_setting('app.tenant_id', true))
            extraPolicy    | create policy more on incidents using (true)
            extraPolicy    | create policy more on incidents for insert with check (true)
            extraPolicy    | create policy more on incidents using (tenant_id = current_setting('app.tenant_id', true) or severity = 1)
            view           | create view all_incidents as select * from incidents; grant select on all_incidents to watchkeeper_tenants
            view           | create view one as select * from incidents; create view two as select * from one; grant select on two to public
            view           | create materialized view m as select 1 as n from incidents; grant select on m to public
            reachedDirectly | create materialized view m as select * from incidents; grant select on m to public
            definer        | create function f() returns bigint language sql security definer as 'select count(*) from incidents'
            tooManyRights  | grant truncate on incidents to watchkeeper_tenants
            tooManyRights  | grant references on incidents to public
            tooManyRights  | grant trigger on incidents to public
            defaultRights  | alter default privileges in schema public grant select on tables to watchkeeper_tenants
            rule           | create rule r as on delete to pipelines do also delete from incidents
            schemaOpen     | grant usage on schema watchkeeper to public
            reachedDirectly | create table p (tenant_id text) partition by list (tenant_id); create table p1 partition of p default; grant select on p1 to public
            """)
    void findsWhatIsOpen(String code, String hole) throws Exception {
        rig.on(hole);

        Review review = rig.review();

        assertThat(rig.codes(review, "fail")).contains(code);
        assertThat(review.findings().stream()
                        .filter(one -> one.code().equals(code))
                        .map(ReviewFinding::remedy))
                .allSatisfy(remedy -> assertThat(remedy).isNotEmpty());
        rig.on("drop owned by watchkeeper_tenants");
    }

    @Test
    void findsATenantThatMayBecomeAnother() throws Exception {
        rig.create("b");
        rig.on("grant \"tenant_" + rig.id("b") + "\" to \"tenant_" + rig.id("a") + "\"");

        assertThat(rig.codes(rig.review(), "fail")).contains("roleMembership");
    }

    @Test
    void findsATenantsRoleWhomNoPolicyHoldsAlsoByTheProof() throws Exception {
        rig.on("alter role \"tenant_" + rig.id("a") + "\" bypassrls");

        assertThat(rig.codes(rig.review(), "fail")).contains("roleAttribute", "proof");
    }

    @Test
    void findsATenantThatIsNotHeld() throws Exception {
        rig.on("revoke watchkeeper_held from \"tenant_" + rig.id("a") + "\"");

        assertThat(rig.review().findings()).anySatisfy(one -> {
            assertThat(one.code()).isEqualTo("roleMembership");
            assertThat(one.message()).contains("is no member of watchkeeper_held");
            rig.on(one.remedy());
        });
        assertThat(rig.codes(rig.review(), "fail")).isEmpty();
    }

    @Test
    void findsMembersWhomNoPolicyHolds() throws Exception {
        String role = rig.role("ops", "login bypassrls");
        rig.on("grant \"tenant_" + rig.id("a") + "\" to \"" + role + "\"");

        assertThat(rig.review().findings()).anySatisfy(one -> {
            assertThat(one.code()).isEqualTo("memberBypasses");
            assertThat(one.status()).isEqualTo(ReviewStatus.FAIL);
            assertThat(one.message()).contains(role);
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            uniqueAcrossTenants     | create unique index on incidents (state)
            foreignKeyAcrossTenants | alter table incidents add pipeline_id bigint references pipelines
            sequence                | grant select on sequence pipelines_id_seq to public
            view                    | create view mine as select * from incidents
            definer                 | create function f(t text) returns void language plpgsql security definer as 'begin execute t; end'
            makesObjects            | grant create on schema public to public
            """)
    void saysByWhatATenantCouldGuess(String code, String hole) throws Exception {
        rig.on(hole);

        assertThat(rig.codes(rig.review(), "warn")).contains(code);
    }

    @Test
    void aRemedyFromTheReviewClosesTheHole() throws Exception {
        rig.on(
                "alter policy watchkeeper_tenant on incidents using (true); alter policy watchkeeper_tenant_limit on incidents using (true);"
                        + " alter table pipelines no force row level security; create policy more on pipelines using (true)");
        Review broken = rig.review();
        assertThat(rig.codes(broken, "fail")).contains("changedPolicy", "extraPolicy", "notForced", "proof");

        broken.findings().stream()
                .filter(one -> one.status() == ReviewStatus.FAIL && !one.code().equals("proof"))
                .forEach(one -> rig.on(one.remedy()));

        assertThat(rig.codes(rig.review(), "fail")).isEmpty();
    }

    /** What it changes is taken back, but until then it is locked and written again, and triggers see it. */
    @Test
    void triesAHoleOnSingleRowsOnly() throws Exception {
        rig.on("insert into tenants (id, region, plan) values ('z', 'kr', 'large');"
                + " insert into incidents (tenant_id, severity, state) select 'z', 1, 'x' from generate_series(1, 200);"
                + " create sequence touched; create function touch() returns trigger language plpgsql security definer"
                + " as $$ begin perform nextval('public.touched'); return null; end $$;"
                + " create trigger touch after update or delete on incidents for each row execute function touch();"
                + " alter table incidents enable always trigger touch;"
                + " drop policy watchkeeper_tenant_limit on incidents; create policy open on incidents using (true)");

        Review review = rig.review();

        assertThat(rig.codes(review, "fail")).contains("proof");
        assertThat(rig.value("select checks::text from watchkeeper.tenant_proofs where not passed"))
                .contains("it changed 1 rows", "it deleted 1 rows", "gives none of its rows to another");
        assertThat(Long.parseLong(rig.value("select last_value from touched")))
                .as("rows tried on, by some 15 attempts")
                .isBetween(10L, 30L);
        assertThat(rig.value("select count(*) from incidents")).isEqualTo("200");
    }

    @Test
    void findsATenantThatGivesRowsAwayUnseen() throws Exception {
        rig.on("drop policy watchkeeper_tenant_limit on incidents; create policy away on incidents for update"
                + " using (tenant_id = current_setting('app.tenant_id', true)) with check (true)");

        rig.review();

        assertThat(rig.value(
                        "select one->>'name' from watchkeeper.tenant_proofs, jsonb_array_elements(checks->'checks') one"
                                + " where not passed and not (one->>'passed')::boolean"))
                .contains("gives none of its rows to another");
    }

    @Test
    void aProofThatTakesTooLongHasFailed() throws Exception {
        rig.on("insert into incidents (tenant_id, severity, state) values ('" + rig.id("a") + "', 1, 'x');"
                + " create policy slow on incidents as restrictive using (pg_sleep(60) is not null)");
        try (Session session = rig.database().open(TenantRig.WORK)) {
            session.begin();

            Proof proof = new TenantProof(session, new TenantId(rig.id("a")), Duration.ofMillis(300))
                    .ofRows(SharedTable.all(session));

            assertThat(proof.checks()).last().satisfies(one -> {
                assertThat(one.name()).isEqualTo("can be proven in time");
                assertThat(one.passed()).isFalse();
                assertThat(one.found()).contains("(it may take 300 ms)");
            });
            String after = session.one("select current_setting('statement_timeout')", row -> row.getString(1));
            assertThat(after).isEqualTo("0");
        }
    }

    @Test
    void anInvokersViewIsFine() throws Exception {
        if (rig.value("select current_setting('server_version_num')::int >= 150000")
                .equals("t")) {
            rig.on(
                    "create view mine with (security_invoker = true) as select * from incidents; grant select on mine to public");

            assertThat(rig.codes(rig.review(), "fail")).isEmpty();
        }
    }

    @Test
    void onlyReadsWhenNoneIsToBeProven() throws Exception {
        rig.on("truncate watchkeeper.tenant_proofs");

        new TenantReview(rig.database(), TenantRig.WORK).review(0, "run-3");

        assertThat(rig.value("select count(*) from watchkeeper.tenant_proofs")).isEqualTo("0");
    }
}
