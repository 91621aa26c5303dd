package io.watchkeeper.dsl;

import io.watchkeeper.toolkit.migrate.MigrationSettings;
import io.watchkeeper.toolkit.tenant.DropPlan;
import io.watchkeeper.toolkit.tenant.Gentleness;
import io.watchkeeper.toolkit.tenant.TenantId;
import io.watchkeeper.toolkit.tenant.TenantWish;
import io.watchkeeper.units.Bytes;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** {@code dropTenant('shore', 'acme') { … }} */
@Block(
        name = "dropTenant",
        value = "Who has said that a tenant may go, and how gently its rows are removed.",
        words = {"confirm", "testOn", "batch", "pause", "maxLag", "lockTimeout", "attempts"})
public final class DropTenantSpec {

    private final TextChecks texts;
    private @Nullable String confirm;
    private @Nullable String testOn;
    private @Nullable Bytes maxLag;
    private int batch = Gentleness.BATCH;
    private Duration pause = Gentleness.PAUSE;
    private Duration lockTimeout = TenantWish.LOCK_TIMEOUT;
    private int attempts = TenantWish.ATTEMPTS;

    DropTenantSpec(TextChecks texts) {
        this.texts = texts;
    }

    @Word(
            value = "A person's word: the tenant's id once more. Without it nothing is done, beside a dry run.",
            example = "confirm 'acme'",
            byDefault = "not confirmed")
    public void confirm(String word) {
        confirm = word;
    }

    @Word(
            value = "The database on whose server the archive is restored to compare it.",
            example = "testOn 'ship'",
            byDefault = "the database itself")
    public void testOn(@Checked(TextKind.DATABASE) String database) {
        testOn = texts.require(TextKind.DATABASE, database);
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

    @Nullable
    String testOn() {
        return testOn;
    }

    DropPlan plan(String id, MigrationSettings settings) {
        return new DropPlan(new TenantId(id), confirm, gentleness(settings), lockTimeout, attempts);
    }
}
