package io.watchkeeper.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pages and scripts that the package ships, made by the program itself. */
class ManualCommandTest {

    @TempDir
    Path folder;

    @BeforeEach
    void write() {
        write(folder);
    }

    @Test
    void hasAPageForEachCommandThatTheHelpShows() throws IOException {
        assertThat(page("watchkeeper"))
                .startsWith(".TH \"WATCHKEEPER\" \"1\" \"2026\\-11\\-21\"")
                .contains(".SH \"COMMANDS\"", "\\fBcopy\\fR", "Exit status: 0 succeeded")
                .doesNotContain("\\fBmanual\\fR");
        assertThat(page("watchkeeper-backup-list")).contains("watchkeeper\\-backup(1)");
        assertThat(folder.resolve("man1/watchkeeper-manual.1")).doesNotExist();
    }

    @Test
    void describesOptionsWithoutMarksOfTheHelpsOwn() throws IOException {
        assertThat(page("watchkeeper-copy"))
                .contains("\\fB\\-\\-rate\\-limit=SIZE\\fR\n")
                .doesNotContain("@|", "%n");
    }

    @Test
    void hasNoLineThatATypesetterWouldTakeForARequest() throws IOException {
        try (Stream<Path> pages = Files.list(folder.resolve("man1"))) {
            for (Path page : pages.toList()) {
                assertThat(Files.readAllLines(page).stream().filter(line -> line.matches("['.].*")))
                        .as(page.toString())
                        .allMatch(line -> line.matches("\\.(TH|SH|TP|PP|br)( .*)?"));
            }
        }
    }

    @Test
    void completesInBash() throws Exception {
        Process shell = new ProcessBuilder("bash", "-c", """
                source %s
                COMP_WORDS=(watchkeeper co) COMP_CWORD=1
                _complete_watchkeeper
                printf '%%s\\n' "${COMPREPLY[@]}"
                """.formatted(folder.resolve("bash/watchkeeper")))
                .redirectErrorStream(true)
                .start();

        assertThat(new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("copy");
        assertThat(shell.waitFor()).isZero();
    }

    @Test
    void writesTheSameEachTime() throws IOException {
        Path again = folder.resolve("again");
        write(again);

        for (String file : List.of("man1/watchkeeper.1", "bash/watchkeeper", "zsh/_watchkeeper")) {
            assertThat(again.resolve(file)).hasSameTextualContentAs(folder.resolve(file));
        }
        assertThat(Files.readString(folder.resolve("zsh/_watchkeeper"))).startsWith("#compdef watchkeeper\n");
    }

    private String page(String name) throws IOException {
        return Files.readString(folder.resolve("man1/" + name + ".1"));
    }

    private static void write(Path to) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
        int status = WatchkeeperCommand.execute(
                new String[] {"manual", "--to", to.toString(), "--date", "2026-11-21"},
                Map.of(),
                Clock.systemDefaultZone(),
                print,
                print);
        assertThat(status).as(out.toString(StandardCharsets.UTF_8)).isZero();
    }
}
