package io.watchkeeper.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TableTest {

    private record Row(String state, String name, String why) {}

    private static final List<Row> ROWS = List.of(
            new Row(
                    "failed",
                    "ship-sync",
                    "the link to the shore was lost in the middle of a chunk, for the third time today"),
            new Row("succeeded", "야간-백업", ""));

    @Test
    void coloursTakeNoRoomAndKoreanLettersTwoColumns() {
        String text = table(200, Map.of());

        assertThat(text.replaceAll("\u001b\\[[0-9;]*m", "")).isEqualTo("""
                            name       took  why
                         ✖  ship-sync   3 s  the link to the shore was lost in the middle of a chunk, for the third time today
                         ✓  야간-백업   3 s\
                        """);
        assertThat(text).contains("\u001b[31m✖\u001b[0m");
    }

    @Test
    void noLineIsWiderThanTheTerminal() {
        for (int width = 60; width < 130; width += 7) {
            int columns = width;
            assertThat(table(width, Map.of()).lines()).allMatch(line -> LiveLines.visibleColumns(line) <= columns);
        }
        assertThat(table(60, Map.of())).contains("…", "took");
    }

    @Test
    void columnsThatCanBeMissedGoFirst() {
        Terminal narrow = terminal(60, Map.of());
        String text = Table.of(
                narrow,
                List.of("x".repeat(30)),
                Table.column("a", row -> row),
                Table.spare("b", 1, Integer.MAX_VALUE, row -> row.substring(10)),
                Table.spare("c", 2, Integer.MAX_VALUE, row -> row));

        assertThat(text.lines().findFirst().orElseThrow())
                .contains("a")
                .contains("b")
                .doesNotContain("c");
    }

    @Test
    void aPipeGetsEverythingPlain() {
        String text = table(60, Map.of("WATCHKEEPER_TERMINAL", "0"));

        assertThat(text).contains("for the third time today").doesNotContain("\u001b");
    }

    @Test
    void noColorAndTheOptionSwitchColoursOffAndOn() {
        assertThat(table(100, Map.of("NO_COLOR", "1"))).doesNotContain("\u001b");
        assertThat(table(100, Map.of("TERM", "dumb"))).doesNotContain("\u001b");
        Terminal pipe = terminal(100, Map.of("WATCHKEEPER_TERMINAL", "0"));
        pipe.colour(Terminal.ColourMode.always);
        assertThat(pipe.mark("failed")).isEqualTo("\u001b[31m✖\u001b[0m");
        Terminal real = terminal(100, Map.of());
        real.colour(Terminal.ColourMode.never);
        assertThat(real.mark("failed")).isEqualTo("✖");
    }

    @Test
    void sentencesGoOnBelowThemselvesOnATerminalAndStayWholeInAPipe() {
        String sentence = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen";

        assertThat(terminal(60, Map.of()).wrapped(" ● ", sentence))
                .containsExactly(
                        " ● one two three four five six seven eight nine ten eleven", "   twelve thirteen fourteen");
        assertThat(terminal(60, Map.of("WATCHKEEPER_TERMINAL", "0")).wrapped(" ● ", sentence))
                .hasSize(1);
    }

    private static String table(int width, Map<String, String> environment) {
        Terminal terminal = terminal(width, environment);
        return Table.of(
                terminal,
                ROWS,
                Table.column(" ", row -> terminal.mark(row.state())),
                Table.column("name", Row::name),
                Table.right("took", row -> "3 s"),
                Table.flexible("why", 10, Row::why));
    }

    private static Terminal terminal(int width, Map<String, String> environment) {
        PrintStream out = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        Map<String, String> all =
                new java.util.HashMap<>(Map.of("WATCHKEEPER_TERMINAL", "1", "COLUMNS", String.valueOf(width)));
        all.putAll(environment);
        return new Terminal(out, out, all);
    }
}
