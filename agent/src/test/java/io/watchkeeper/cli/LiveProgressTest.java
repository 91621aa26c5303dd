package io.watchkeeper.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.engine.ProgressBoard;
import io.watchkeeper.engine.ProgressLine;
import io.watchkeeper.postgres.Progress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LiveProgressTest {

    private static final long SECOND = 1_000_000_000L;

    private final ProgressBoard board = new ProgressBoard();
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @Test
    void drawsTablesUnderEachOtherWithBarRateAndTimeLeft() {
        tell("public.chunks", 0, 100_000, 0);
        tell("public.documents_of_all_tenants", 0, -1, 0);
        tell("public.chunks", 64_000, 100_000, 4);
        tell("public.documents_of_all_tenants", 400, -1, 4);

        assertThat(ProgressText.drawn(lines(4), 120))
                .containsExactly(
                        "   public.chunks                    ███████████████░░░░░░░░░  64 %   16 k rows/s   1.5 MB/s   ETA 0:02",
                        "   public.documents_of_all_tenants  load   400 rows   100 rows/s   9.8 KB/s");
    }

    @Test
    void aNarrowTerminalLosesTheBarFirstAndNoLineWraps() {
        tell("public.a_table_with_quite_a_long_name", 0, 100_000, 0);
        tell("public.a_table_with_quite_a_long_name", 64_000, 100_000, 4);

        assertThat(ProgressText.drawn(lines(4), 60))
                .containsExactly("   public.a_table_with_…   64 %   16 k rows/s   ETA 0:02")
                .allMatch(line -> line.length() < 60);
    }

    @Test
    void promisesNoEndBeyondTheEstimateAndSaysWhatStandsStill() {
        tell("public.over", 0, 100, 0);
        tell("public.over", 200, 100, 4);
        tell("public.still", 0, 1_000, 0);
        tell("public.still", 200, 1_000, 1);
        tell("public.i", 0, -1, 0);
        board.take(new Progress("public.i", "index", 5, -1, 5), 0);

        assertThat(ProgressText.drawn(lines(4), 100).get(0)).endsWith("50 rows/s   4.9 KB/s   ETA –");
        assertThat(ProgressText.drawn(lines(66), 100).get(1)).endsWith("20 %   nothing moved for 1:05");
        assertThat(ProgressText.drawn(lines(66), 100).get(2)).endsWith("index   1:06");
    }

    @Test
    void aTerminalIsRedrawnInPlaceAndCleanedUp() {
        LiveProgress progress = new LiveProgress(terminal("1"), Duration.ofMillis(20));
        progress.take(new Progress("public.a", "load", 1, 10, 1));
        progress.take(new Progress("public.b", "load", 1, 10, 1));
        await().untilAsserted(() -> assertThat(text()).contains("\r\u001b[2K\u001b[1A\r\u001b[2K   public.a"));
        progress.take(Progress.finished("public.a"));
        await().untilAsserted(() -> assertThat(text()).contains("\u001b[2K   public.b"));
        progress.above(() -> new PrintStream(written, true, UTF_8).print("a line of the log\n"));
        progress.close();

        assertThat(text()).contains("\u001b[2Ka line of the log\n").matches("(?s).*(of the log\n|\u001b\\[2K)");
    }

    @Test
    void withoutATerminalThereArePlainLinesFromTimeToTime() {
        try (LiveProgress progress = new LiveProgress(terminal("0"), Duration.ofMillis(20))) {
            progress.take(new Progress("public.a", "load", 640, 1_000, 1));
            progress.take(new Progress("public.b", "load", 7, 10, 1));
            await().untilAsserted(() -> assertThat(text())
                    .contains("   public.a   load   64 %   640 rows\n", "   public.b   load   70 %   7 rows\n"));
        }
        assertThat(text()).doesNotContain("\u001b", "\r");
    }

    private String text() {
        return written.toString(UTF_8);
    }

    private Terminal terminal(String interactive) {
        PrintStream out = new PrintStream(written, true, UTF_8);
        return new Terminal(out, out, Map.of("WATCHKEEPER_TERMINAL", interactive, "COLUMNS", "100"));
    }

    private void tell(String table, long rows, long total, int second) {
        board.take(new Progress(table, "load", rows, total, rows * 100), second * SECOND);
    }

    private List<ProgressLine> lines(int second) {
        return board.lines(second * SECOND);
    }
}
