package io.watchkeeper.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class ProgressBoardTest {

    private static final long SECOND = 1_000_000_000L;

    private final ProgressBoard board = new ProgressBoard();

    @Test
    void saysHowFastItGoesAndHowLongItTakes() {
        at(0, load(0, 100_000));
        ProgressLine line = at(4, load(40_000, 100_000));

        assertThat(line.rowsPerSecond()).isEqualTo(10_000);
        assertThat(line.bytesPerSecond()).isEqualTo(1_000_000);
        assertThat(line.left()).isEqualTo(Duration.ofSeconds(6));
        assertThat(line.percent()).isEqualTo(40);
        assertThat(line.inStage()).isEqualTo(Duration.ofSeconds(4));
    }

    @Test
    void theRateIsThatOfTheLastTenSeconds() {
        at(0, load(0, 1_000_000));
        for (int second = 1; second <= 60; second++) {
            at(second, load(second * 10_000L, 1_000_000));
        }
        // The link has become slow.
        ProgressLine line = at(60, load(600_000, 1_000_000));
        for (int second = 61; second <= 75; second++) {
            line = at(second, load(600_000 + (second - 60) * 100L, 1_000_000));
        }

        assertThat(line.rowsPerSecond()).isEqualTo(100);
        assertThat(line.left()).isEqualTo(Duration.ofSeconds(398_500 / 100));
    }

    @Test
    void whatStandsStillSlowsDownAndSaysSoByItself() {
        at(0, load(0, 100_000));
        at(2, load(20_000, 100_000));

        assertThat(line(4).rowsPerSecond()).isEqualTo(5_000);
        assertThat(line(4).stalled()).isNull();
        assertThat(line(8).stalled()).isEqualTo(Duration.ofSeconds(6));
        assertThat(line(30).rowsPerSecond()).isZero();
        assertThat(line(30).left()).isNull();
        assertThat(line(30).percent()).isEqualTo(20);
    }

    @Test
    void whatIsWaitedForMayChangeWhileItIsOneWait() {
        at(0, new Progress("public.t", "waiting: 5 sessions are active on ship", 10, 100, 10));
        ProgressLine line = at(7, new Progress("public.t", "waiting: 6 sessions are active on ship", 10, 100, 10));

        assertThat(line.inStage()).isEqualTo(Duration.ofSeconds(7));
        assertThat(line.percent()).isEqualTo(10);
        assertThat(line.progress().stage()).endsWith("6 sessions are active on ship");
    }

    @Test
    void promisesNothingWithoutAnEstimate() {
        at(0, load(0, -1));
        ProgressLine line = at(4, load(40_000, -1));

        assertThat(line.rowsPerSecond()).isEqualTo(10_000);
        assertThat(line.left()).isNull();
        assertThat(line.percent()).isNull();
        assertThat(line.overEstimate()).isFalse();
    }

    @Test
    void promisesNothingMoreOnceTheEstimateIsExceeded() {
        at(0, load(0, 30_000));
        ProgressLine line = at(4, load(40_000, 30_000));

        assertThat(line.left()).isNull();
        assertThat(line.percent()).isNull();
        assertThat(line.overEstimate()).isTrue();
        assertThat(line.fields()).containsEntry("overEstimate", true).doesNotContainKeys("etaSeconds", "percent");
    }

    @Test
    void saysNoRateFromTheFirstMomentAlone() {
        at(0, load(0, 100_000));

        assertThat(board.take(load(9_000, 100_000), SECOND / 10).orElseThrow().rowsPerSecond())
                .isNull();
    }

    @Test
    void aStageThatCountsNoRowsSaysOnlyHowLongItHasTaken() {
        at(0, load(50_000, 50_000));
        at(1, new Progress("public.t", "index", 50_000, -1, 5_000_000));
        ProgressLine line = line(21);

        assertThat(line.inStage()).isEqualTo(Duration.ofSeconds(20));
        assertThat(line.rowsPerSecond()).isNull();
        assertThat(line.stalled()).isNull();
        assertThat(line.percent()).isNull();
    }

    @Test
    void aTableThatBeginsAnewBeginsAnew() {
        at(0, load(0, 100_000));
        at(10, load(90_000, 100_000));
        at(20, load(0, 100_000));
        ProgressLine line = at(22, load(2_000, 100_000));

        assertThat(line.rowsPerSecond()).isEqualTo(1_000);
    }

    @Test
    void subjectsStandSideBySideAndLeaveWhenTheyAreFinished() {
        board.take(new Progress("public.a", "load", 1, 10, 1), 0);
        board.take(new Progress("public.b", "load", 2, 10, 1), 0);
        board.take(new Progress("public.a", "verify", 1, -1, 1), 1);
        assertThat(subjects()).containsExactly("public.a verify", "public.b load");

        assertThat(board.take(Progress.finished("public.a"), 2)).isEmpty();
        assertThat(subjects()).containsExactly("public.b load");
    }

    @Test
    void manyTablesAtOnceKeepTheirOwnFigures() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        CountDownLatch go = new CountDownLatch(1);
        List<Future<?>> tables = new ArrayList<>();
        try {
            for (int i = 0; i < 8; i++) {
                String table = "public.t" + i;
                boolean finishes = i % 2 == 1;
                tables.add(threads.submit(() -> {
                    go.await();
                    for (long n = 0; n <= 5_000; n++) {
                        board.take(new Progress(table, "load", n, 5_000, n), n * SECOND / 1_000);
                    }
                    if (finishes) {
                        board.take(Progress.finished(table), 5 * SECOND);
                    }
                    return null;
                }));
            }
            go.countDown();
            for (Future<?> table : tables) {
                table.get();
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(board.lines(5 * SECOND))
                .hasSize(4)
                .allMatch(line ->
                        line.progress().rows() == 5_000 && Long.valueOf(1_000).equals(line.rowsPerSecond()));
        assertThat(subjects())
                .containsExactlyInAnyOrder("public.t0 load", "public.t2 load", "public.t4 load", "public.t6 load");
    }

    private List<String> subjects() {
        return board.lines(0).stream()
                .map(line -> line.progress().subject() + " " + line.progress().stage())
                .toList();
    }

    private ProgressLine at(int second, Progress progress) {
        return board.take(progress, second * SECOND).orElseThrow();
    }

    private ProgressLine line(int second) {
        return board.lines(second * SECOND).get(0);
    }

    private static Progress load(long rows, long total) {
        return new Progress("public.t", "load", rows, total, rows * 100);
    }
}
