package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.migrate.MigrationSettings;
import io.watchkeeper.toolkit.tenant.Gentleness;
import io.watchkeeper.toolkit.tenant.MovePlan;
import io.watchkeeper.toolkit.tenant.Tenancy;
import io.watchkeeper.toolkit.tenant.TenantId;
import io.watchkeeper.toolkit.tenant.TenantWish;
import io.watchkeeper.units.Bytes;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** {@code moveTenant('shore', 'acme') { … }} */
@Block(
        name = "moveTenant",
        value = "Which form a tenant gets, and how gently.",
        needs = {"to"},
        words = {"to", "batch", "pause", "maxLag", "shutOut", "lockTimeout", "attempts"})
public final class MoveTenantSpec {

    private final TextChecks texts;
    private @Nullable String to;
    private Duration shutOut = MovePlan.SHUT_OUT;
    private @Nullable Bytes maxLag;
    private int batch = Gentleness.BATCH;
    private Duration pause = Gentleness.PAUSE;
    private Duration lockTimeout = TenantWish.LOCK_TIMEOUT;
    private int attempts = TenantWish.ATTEMPTS;

    MoveTenantSpec(TextChecks texts) {
        this.texts = texts;
    }

    @Word(value = "`schema` for a schema of its own, `rls` for rows of shared tables.", example = "to 'schema'")
    public void to(@Checked(TextKind.NAME) String form) {
        to = texts.require(TextKind.NAME, form);
    }

    @Word(
            value =
                    "The longest time for which the tenant may be shut out, for the last differences, the comparison of all rows and the"
                            + " switch; when it does not do, the tenant stays where it is and works.",
            example = "shutOut 2.minutes",
            byDefault = "30.seconds")
    public void shutOut(Duration limit) {
        shutOut = limit;
    }

    @Word(value = "So many rows go in one transaction.", example = "batch 1_000", byDefault = "5_000")
    public void batch(int rows) {
        batch = rows;
    }

    @Word(value = "Between two batches.", example = "pause 200.milliseconds", byDefault = "50.milliseconds")
    public void pause(Duration time) {
        pause = time;
    }

    @Word(
            value = "The work waits while a replica is further behind than this.",
            example = "maxLag 16.megabytes",
            byDefault = "the configured `meta.maxLag`, else 64.megabytes")
    public void maxLag(Bytes limit) {
        maxLag = limit;
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

    private Gentleness gentleness(MigrationSettings settings) {
        return new Gentleness(batch, pause, maxLag == null ? settings.maxLag() : maxLag);
    }

    MovePlan plan(String id, MigrationSettings settings) {
        if (to == null) {
            throw new OperatorException("'moveTenant' needs 'to'", "moveTenant('shore', 'acme') { to 'schema' }");
        }
        return new MovePlan(new TenantId(id), Tenancy.of(to), gentleness(settings), shutOut, lockTimeout, attempts);
    }
}
