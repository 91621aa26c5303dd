package io.watchkeeper.dsl;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.migrate.BackfillPlan;
import io.watchkeeper.toolkit.migrate.MigrationSettings;
import io.watchkeeper.units.Bytes;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** {@code backfill('shore', 'public.incidents') { … }} */
@Block(
        name = "backfill",
        value = "Which values rows get that lack them, and how gently.",
        needs = {"set", "where"},
        words = {"set", "where", "batch", "pause", "rateLimit", "maxLag"})
public final class BackfillSpec {

    private static final String EXAMPLE =
            "backfill('shore', 'public.incidents') { set \"region = 'eu'\"; where 'region is null' }";

    private final TextChecks texts;
    private @Nullable String set;
    private @Nullable String where;
    private @Nullable Bytes rateLimit;
    private @Nullable Bytes maxLag;
    private int batch = BackfillPlan.BATCH;
    private Duration pause = BackfillPlan.PAUSE;

    BackfillSpec(TextChecks texts) {
        this.texts = texts;
    }

    @Word(value = "The values, as after SET in an UPDATE.", example = "set 'code = upper(name)'")
    public void set(@Checked(TextKind.SQL) String assignments) {
        set = texts.require(TextKind.SQL, assignments);
    }

    @Word(
            value = "Which rows lack them. Of a row that was written, this must not be true any more.",
            example = "where 'code is null'")
    public void where(@Checked(TextKind.SQL) String condition) {
        where = texts.require(TextKind.SQL, condition);
    }

    @Word(value = "So many rows are written in one transaction.", example = "batch 1_000", byDefault = "5_000")
    public void batch(int rows) {
        batch = rows;
    }

    @Word(value = "Between two batches.", example = "pause 200.milliseconds", byDefault = "50.milliseconds")
    public void pause(Duration time) {
        pause = time;
    }

    @Word(
            value = "At most this much per second, reckoned by the table's average row.",
            example = "rateLimit 2.megabytes",
            byDefault = "as fast as it goes")
    public void rateLimit(Bytes perSecond) {
        rateLimit = perSecond;
    }

    @Word(
            value = "The work waits while a replica is further behind than this.",
            example = "maxLag 16.megabytes",
            byDefault = "the configured `meta.maxLag`, else 64.megabytes")
    public void maxLag(Bytes limit) {
        maxLag = limit;
    }

    BackfillPlan plan(String table, MigrationSettings settings) {
        if (set == null || where == null) {
            throw new OperatorException("'backfill' needs '" + (set == null ? "set" : "where") + "'", EXAMPLE);
        }
        return new BackfillPlan(
                TableName.parse(texts.require(TextKind.TABLE, table)),
                set,
                where,
                batch,
                pause,
                rateLimit,
                maxLag == null ? settings.maxLag() : maxLag);
    }
}
