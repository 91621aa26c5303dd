package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.testing.StoppableWork;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class CopyProgressTest {

    private final StoppableWork work = new StoppableWork("progress");

    @Test
    void addsUpWhatAllStreamsOfATableMove() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        CountDownLatch go = new CountDownLatch(1);
        try (CopyProgress progress = new CopyProgress(work, "public.t", 40_000)) {
            List<Future<?>> streams = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                streams.add(threads.submit(() -> {
                    go.await();
                    for (int n = 0; n < 10_000; n++) {
                        progress.loaded(1, 10);
                    }
                    return null;
                }));
            }
            go.countDown();
            for (Future<?> stream : streams) {
                stream.get();
            }
            progress.stage("verify");
        } finally {
            threads.shutdownNow();
        }

        assertThat(work.progress).extracting(Progress::rows).startsWith(0L).endsWith(40_000L, 0L);
        assertThat(work.progress.get(work.progress.size() - 2))
                .isEqualTo(new Progress("public.t", "verify", 40_000, -1, 400_000));
        assertThat(work.progress)
                .filteredOn(p -> p.stage().equals("load"))
                .extracting(Progress::rows)
                .isSorted();
        assertThat(work.progress).hasSizeLessThan(1_000);
    }

    @Test
    void isHeardFromBeforeItsFirstRowAndNotAfterItsEnd() {
        CopyProgress progress = new CopyProgress(work, "public.t", 10);
        progress.close();
        progress.loaded(1, 1);
        progress.stage("verify");
        progress.close();

        assertThat(work.progress)
                .containsExactly(new Progress("public.t", "prepare", 0, 10, 0), Progress.finished("public.t"));
    }

    @Test
    void rowsThatWaitAreStillOnTheirWayToTheSameEnd() {
        try (CopyProgress progress = new CopyProgress(work, "public.t", 10)) {
            progress.startFrom(4);
            progress.loaded(1, 1);
            progress.stage("waiting: 9 sessions are active on ship");
            assertThat(work.progress)
                    .endsWith(new Progress("public.t", "waiting: 9 sessions are active on ship", 5, 10, 1));
        }
    }
}
