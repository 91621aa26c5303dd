package io.watchkeeper.toolkit.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
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
