package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.tenant.TenantReview;
import java.util.Set;

/** {@code verifyTenants('shore') { … }} */
@Block(
        name = "verifyTenants",
        value = "How many tenants are proven, and what is accepted.",
        words = {"atMost", "accept", "reportOnly"})
public final class VerifyTenantsSpec extends ReviewSpec {

    private final AcceptedFindings accepted = new AcceptedFindings(TenantReview.CODES);
    private int atMost = TenantReview.AT_MOST;

    VerifyTenantsSpec() {}

    @Word(
            value =
                    "So many tenants are proven in one run, those first whose last proof is the oldest. With 0, only the catalogue is read.",
            example = "atMost 100",
            byDefault = "20")
    public void atMost(int tenants) {
        if (tenants < 0 || tenants > 10_000) {
            throw new OperatorException("'atMost' is " + tenants, "write a number from 0 to 10000.");
        }
        atMost = tenants;
    }

    @Word(
            value =
                    "Kinds of findings that count as ok, as [Tenants](tenants.md) lists them: `uniqueAcrossTenants`, `bypassesPolicies`.",
            example = "accept 'uniqueAcrossTenants', 'bypassesPolicies'",
            byDefault = "none")
    public void accept(@Checked(TextKind.NAME) String... codes) {
        accepted.add(codes);
    }

    int atMost() {
        return atMost;
    }

    Set<String> accepted() {
        return accepted.codes();
    }
}
