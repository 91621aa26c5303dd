package io.watchkeeper.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.problem.OperatorException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WatchingTest {

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @Test
    void redrawsInPlaceWithoutClearingAndLeavesTheTerminalAsItWas() {
        int status = watch("1", List.of(List.of("a", "b"), List.of("c")));

        assertThat(status).isZero();
        assertThat(text())
                .startsWith("\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[Ha\u001b[K\r\nb\u001b[K\r\n")
                .contains("\u001b[J\u001b[Hc\u001b[K")
                .endsWith("\u001b[?7h\u001b[?25h\u001b[?1049l")
                .doesNotContain("\u001b[2J");
    }

    @Test
    void showsNoMoreLinesThanThereAre() {
        watch("1", List.of(IntStream.range(0, 100).mapToObj(n -> "line " + n).toList()));

        assertThat(text()).contains("line 6\u001b[K", "  … 93 more lines").doesNotContain("line 7\u001b[K");
    }

    @Test
    void aPipeGetsAPlainBlockWhenSomethingChanged() {
        watch("0", List.of(List.of("a"), List.of("a"), List.of("b")));

        assertThat(text()).doesNotContain("\u001b").containsOnlyOnce("a\n").containsOnlyOnce("b\n");
    }

    @Test
    void anAgentThatDoesNotAnswerForAWhileIsPartOfTheView() {
        List<Watching> made = new ArrayList<>();
        Watching watching = watching("1");
        made.add(watching);
        int status = watching.until(() -> {
            made.get(0).stop();
            throw new OperatorException("the agent did not answer properly", null);
        });

        assertThat(status).isEqualTo(1);
        assertThat(text()).contains("the agent did not answer properly").endsWith("\u001b[?1049l");
    }

    @Test
    void refusesAnIntervalThatWouldBurnTheProcessor() {
        assertThatThrownBy(() -> new Watching(terminal("1"), Clock.systemUTC(), 0.1))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("--watch is 0.1");
    }

    private int watch(String interactive, List<List<String>> views) {
        Watching watching = watching(interactive);
        List<List<String>> left = new ArrayList<>(views);
        return watching.until(() -> {
            List<String> lines = left.remove(0);
            if (left.isEmpty()) {
                watching.stop();
            }
            return new Watching.View(lines, 0);
        });
    }

    private Watching watching(String interactive) {
        return new Watching(terminal(interactive), Clock.systemUTC(), 0.5);
    }

    private Terminal terminal(String interactive) {
        PrintStream out = new PrintStream(written, true, UTF_8);
        return new Terminal(out, out, Map.of("WATCHKEEPER_TERMINAL", interactive, "COLUMNS", "80", "LINES", "10"));
    }

    private String text() {
        return written.toString(UTF_8);
    }
}
