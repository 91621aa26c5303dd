package io.watchkeeper.toolkit.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.units.Bytes;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Filling a column in batches, on a real server. */
class BackfillTest {

    private MigrationRig rig;

    @BeforeEach
    void open(@TempDir Path folder) throws Exception {
        rig = new MigrationRig(folder);
        rig.on(
                rig.shore(),
                "create table t (tenant text, id int, name text, code text, primary key (tenant, id));"
                        + " insert into t select 'o''brien ' || n % 3, n, 'n' || n from generate_series(1, 1000) n");
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private static BackfillPlan plan(String set, String where) {
        return new BackfillPlan(TableName.parse("public.t"), set, where, 150, Duration.ZERO, Bytes.megabytes(64));
    }

    private long left() throws Exception {
        return rig.names(rig.shore(), "select id::text from t where code is null")
                .size();
    }

    @Test
    void fillsAllRowsInBoundedBatchesAndASecondRunNothing() throws Exception {
        Backfill backfill = new Backfill(rig.shore(), MigrationRig.WORK);
        BackfillPlan plan = plan("code = upper(name) || id", "code is null");

        BackfillResult result = backfill.run(plan);

        assertThat(result.rowsWritten()).isEqualTo(1_000);
        assertThat(result.batches()).isEqualTo(7);
        assertThat(left()).isZero();
        assertThat(rig.names(rig.shore(), "select code from t where id = 7")).containsExactly("N77");
        assertThat(rig.names(
                        rig.shore(), "select max(n)::text from (select count(*) as n from t group by xmin::text) x"))
                .containsExactly("150");
        assertThat(backfill.run(plan).rowsWritten()).isZero();
    }

    @Test
    void keepsToItsRateAtEveryMoment() throws Exception {
        rig.on(rig.shore(), "analyze t");
        long width = Long.parseLong(rig.names(
                        rig.shore(),
                        "select (relpages * 8192.0 / reltuples)::bigint::text from pg_class where relname = 't'")
                .get(0));
        List<long[]> seen = new ArrayList<>();
        AtomicLong now = new AtomicLong();
        Waiting clock = new Waiting() {
            @Override
            public long nanoTime() {
                return now.get();
            }

            @Override
            public void pass(Duration time) {
                now.addAndGet(time.toNanos());
            }
        };
        Work watched = new StoppableWork("backfill test")
                .onProgress(progress -> seen.add(new long[] {progress.rows(), now.get()}));
        BackfillPlan slow = new BackfillPlan(
                TableName.parse("public.t"),
                "code = name",
                "code is null",
                100,
                Duration.ZERO,
                Bytes.of(width * 50),
                Bytes.megabytes(64));

        BackfillResult result = new Backfill(rig.shore(), watched, clock).run(slow);

        assertThat(result.rowsWritten()).isEqualTo(1_000);
        assertThat(seen)
                .filteredOn(one -> one[0] > 0)
                .hasSizeGreaterThanOrEqualTo(10)
                .allSatisfy(one -> assertThat(one[0])
                        .as("rows after %s s at 50 a second, a batch at once", one[1] / 1e9)
                        .isLessThanOrEqualTo((long) (one[1] / 1e9 * 50) + 101));
        assertThat(now.get() / 1e9).as("seconds for 1000 rows at 50 a second").isBetween(19.9, 20.1);
        assertThatThrownBy(() -> new BackfillPlan(
                        slow.table(), "a = 1", "a is null", 10, Duration.ZERO, Bytes.of(0), Bytes.megabytes(1)))
                .hasMessageContaining("'rateLimit' of nothing");
    }

    @Test
    void goesOnAfterAnInterruption() throws Exception {
        Work stopped = new Work() {
            private boolean stop;

            @Override
            public String applicationName() {
                return "backfill test";
            }

            @Override
            public Optional<Instant> deadline() {
                return Optional.empty();
            }

            @Override
            public void throwIfCancelled() {
                if (stop) {
                    throw new WorkCancelledException("enough");
                }
            }

            @Override
            public Registration onCancel(Runnable action) {
                return () -> {};
            }

            @Override
            public void progress(Progress progress) {
                stop = progress.rows() >= 300;
            }
        };
        BackfillPlan plan = plan("code = upper(name)", "code is null");

        assertThatThrownBy(() -> new Backfill(rig.shore(), stopped).run(plan))
                .isInstanceOf(WorkCancelledException.class);
        assertThat(left()).isEqualTo(700);

        assertThat(new Backfill(rig.shore(), MigrationRig.WORK).run(plan).rowsWritten())
                .isEqualTo(700);
    }

    @Test
    void refusesWhatWouldNeverEnd() {
        Backfill backfill = new Backfill(rig.shore(), MigrationRig.WORK);

        assertThatThrownBy(() -> backfill.run(plan("name = name || '!'", "code is null")))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("that were written still match: code is null");
        assertThatThrownBy(() -> plan("code = 'x'; drop table t", "code is null"))
                .hasMessageContaining("'set' is not one expression");
    }

    @Test
    void needsAPrimaryKeyAndADescriptionChangesNothing() throws Exception {
        rig.on(rig.shore(), "create table bare (a int)");
        BackfillPlan bare = new BackfillPlan(
                TableName.parse("public.bare"), "a = 1", "a is null", 10, Duration.ZERO, Bytes.megabytes(64));
        Backfill backfill = new Backfill(rig.shore(), MigrationRig.WORK);

        assertThatThrownBy(() -> backfill.run(bare)).hasMessageContaining("no table public.bare with a primary key");
        assertThat(backfill.describe(plan("code = 'x'", "code is null")))
                .singleElement()
                .satisfies(action -> assertThat(action.sql()).contains("update public.t"));
        assertThat(left()).isEqualTo(1_000);
    }
}
