package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.tenant.TenantId;
import io.watchkeeper.toolkit.tenant.TenantSettings;
import io.watchkeeper.toolkit.tenant.TenantWish;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** {@code tenant('shore', 'acme') { … }} */
@Block(
        name = "tenant",
        value = "What a new tenant is like.",
        needs = {"region", "plan"},
        words = {"region", "plan", "idempotencyKey", "lockTimeout", "attempts"})
public final class TenantSpec {

    private final TextChecks texts;
    private @Nullable String region;
    private @Nullable String plan;
    private @Nullable String key;
    private Duration lockTimeout = TenantWish.LOCK_TIMEOUT;
    private int attempts = TenantWish.ATTEMPTS;

    TenantSpec(TextChecks texts) {
        this.texts = texts;
    }

    @Word(value = "Where the tenant belongs.", example = "region 'kr'")
    public void region(@Checked(TextKind.NAME) String name) {
        region = texts.require(TextKind.NAME, name);
    }

    @Word(
            value =
                    "What the tenant has ordered. `meta.plans` in the configuration says which plans mean a schema of its own; all others"
                            + " mean rows of shared tables.",
            example = "plan 'small'")
    public void plan(@Checked(TextKind.NAME) String name) {
        plan = texts.require(TextKind.NAME, name);
    }

    @Word(
            value = "The same wish with the same key is done once, however often it is run.",
            example = "idempotencyKey '01JD8V9Z3N'",
            byDefault = "none: a tenant that is there already fails the step")
    public void idempotencyKey(@Checked(TextKind.NAME) String text) {
        key = texts.require(TextKind.NAME, text);
    }

    @Word(
            value = "How long one attempt waits for a lock, at most five seconds: others wait behind it.",
            example = "lockTimeout 200.milliseconds",
            byDefault = "500.milliseconds")
    public void lockTimeout(Duration limit) {
        lockTimeout = limit;
    }

    @Word(
            value = "How often a lock is tried for, with pauses that grow to five seconds.",
            example = "attempts 50",
            byDefault = "20")
    public void attempts(int times) {
        attempts = times;
    }

    TenantWish wish(String id, TenantSettings settings) {
        if (region == null || plan == null) {
            throw new OperatorException(
                    "'tenant' needs 'region' and 'plan'", "tenant('shore', 'acme') { region 'kr'; plan 'small' }");
        }
        return new TenantWish(new TenantId(id), region, plan, settings.of(plan), key, lockTimeout, attempts);
    }
}
