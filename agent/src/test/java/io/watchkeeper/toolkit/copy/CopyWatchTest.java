package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.toolkit.copy.CopyLimit.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CopyWatchTest {

    private static final long SECOND = 1_000_000_000L;

    private final StoppableWork work = new StoppableWork("watched");
    private final List<CrossedLimit> crossed = new CopyOnWriteArrayList<>();

    @Test
    void aCopyThatHangsIsToldOfOnceWhileItHangs() {
        CopyWatch watch = quiet(limit(Kind.LONGER_THAN, null, 60_000));
        watch.note(new Progress("public.t", "prepare", 0, 10, 0), 0);
        watch.look(59 * SECOND);
        assertThat(crossed).isEmpty();
        watch.look(61 * SECOND);
        watch.look(90 * SECOND);

        assertThat(crossed)
                .extracting(CrossedLimit::sentence)
                .containsExactly("copying public.t has taken 1 min 1 s, longer than 1 min");
    }

    @Test
    void aStageHasALimitOfItsOwn() {
        CopyWatch watch = quiet(limit(Kind.LONGER_THAN, CopyResult.Stage.VERIFY, 10_000));
        watch.note(load(500), 0);
        watch.note(new Progress("public.t", "verify", 500, -1, 500), 100 * SECOND);
        watch.look(105 * SECOND);
        assertThat(crossed).isEmpty();
        watch.look(111 * SECOND);

        assertThat(crossed)
                .extracting(CrossedLimit::sentence)
                .containsExactly("verify of public.t has taken 11 s, longer than 10 s");
    }

    @Test
    void theRateIsThatOfTheLoadAndJudgedAtTheEnd() {
        CopyWatch watch = quiet(limit(Kind.SLOWER_THAN, null, 1_000));
        watch.note(new Progress("public.t", "prepare", 0, -1, 0), 0);
        watch.note(load(0), 50 * SECOND);
        watch.note(load(5_000), 60 * SECOND);
        watch.note(new Progress("public.t", "verify", 5_000, -1, 0), 60 * SECOND);
        watch.look(61 * SECOND);
        assertThat(crossed).isEmpty();
        watch.note(Progress.finished("public.t"), 61 * SECOND);
        watch.look(62 * SECOND);

        assertThat(crossed)
                .extracting(CrossedLimit::sentence)
                .containsExactly("copying public.t went at 500 rows/s, slower than 1,000 rows/s");
    }

    @Test
    void aFewRowsAreNeverSlow() {
        CopyWatch watch = quiet(limit(Kind.SLOWER_THAN, null, 1_000));
        watch.note(load(0), 0);
        watch.note(load(999), 60 * SECOND);
        watch.note(Progress.finished("public.t"), 60 * SECOND);
        watch.look(62 * SECOND);

        assertThat(crossed).isEmpty();
    }

    @Test
    void amountsAreToldOfAsSoonAsTheyAreExceeded() {
        CopyWatch watch =
                quiet(limit(Kind.MORE_BYTES_THAN, null, 1_048_576), limit(Kind.MORE_ROWS_THAN, null, 1_000_000));
        watch.note(new Progress("public.t", "load", 100, -1, 2_097_152), 0);
        watch.look(SECOND);

        assertThat(crossed)
                .extracting(CrossedLimit::sentence)
                .containsExactly("copying public.t has moved 2 MB, more than 1 MB");
    }

    @Test
    void rowsThatWereInBeforeAreNeitherMovedNorFast() {
        CopyWatch watch = quiet(limit(Kind.MORE_ROWS_THAN, null, 5_000), limit(Kind.SLOWER_THAN, null, 1_000));
        watch.note(new Progress("public.t", "prepare", 0, 100_000, 0), 0);
        watch.note(new Progress("public.t", "prepare", 90_000, 100_000, 0), 0);
        watch.note(load(90_100), 0);
        watch.note(load(94_000), 10 * SECOND);
        watch.note(Progress.finished("public.t"), 10 * SECOND);
        watch.look(11 * SECOND);

        assertThat(crossed)
                .extracting(CrossedLimit::sentence)
                .containsExactly("copying public.t went at 400 rows/s, slower than 1,000 rows/s");
    }

    @Test
    void timeBetweenCommitAndAnalyzeIsNotTheTables() {
        CopyWatch watch = quiet(limit(Kind.LONGER_THAN, null, 10_000));
        watch.note(load(1), 0);
        watch.note(Progress.finished("public.t"), 5 * SECOND);
        watch.note(new Progress("public.t", "analyze", 1, -1, 1), 60 * SECOND);
        watch.note(Progress.finished("public.t"), 63 * SECOND);
        watch.look(100 * SECOND);

        assertThat(crossed).isEmpty();
    }

    @Test
    void looksByItselfAndNeverMakesTheStreamsWait() throws Exception {
        CountDownLatch sending = new CountDownLatch(1);
        try (CopyWatch watch = new CopyWatch(
                work,
                List.of(limit(Kind.LONGER_THAN, null, 1)),
                one -> {
                    crossed.add(one);
                    waitFor(sending);
                },
                Duration.ofMillis(5))) {
            watch.progress(load(1));
            await().until(() -> crossed.size() == 1);
            watch.progress(load(2));
            assertThat(work.progress).hasSize(2);
            sending.countDown();
        }
        assertThat(crossed).hasSize(1);
    }

    @Test
    void eachOfManyTablesAtOnceIsToldOfOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try (CopyWatch watch = new CopyWatch(
                work, List.of(limit(Kind.MORE_ROWS_THAN, null, 500)), crossed::add, Duration.ofMillis(1))) {
            List<Future<?>> tables = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                String table = "public.t" + i;
                long most = i < 4 ? 500 : 1_000;
                tables.add(threads.submit(() -> {
                    for (long n = 0; n <= most; n++) {
                        watch.progress(new Progress(table, "load", n, -1, n));
                    }
                    watch.progress(Progress.finished(table));
                }));
            }
            for (Future<?> table : tables) {
                table.get();
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(crossed)
                .extracting(CrossedLimit::table)
                .containsExactlyInAnyOrder("public.t4", "public.t5", "public.t6", "public.t7");
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One that looks only when it is told to. */
    private CopyWatch quiet(CopyLimit... limits) {
        return new CopyWatch(work, List.of(limits), crossed::add, Duration.ofDays(1));
    }

    private static CopyLimit limit(Kind kind, CopyResult.@Nullable Stage stage, long value) {
        return new CopyLimit("warning", kind, stage, value);
    }

    private static Progress load(long rows) {
        return new Progress("public.t", "load", rows, -1, rows);
    }
}
