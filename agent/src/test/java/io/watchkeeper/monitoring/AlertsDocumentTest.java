package io.watchkeeper.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.cli.WatchkeeperCommand;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whoever is woken by an alert finds its section, and commands that exist. */
class AlertsDocumentTest {

    private static final String DOCUMENT = MonitoringFiles.read(MonitoringFiles.ROOT.resolve("docs/alerts.md"));

    private static Map<String, String> sections() {
        Map<String, String> sections = new HashMap<>();
        for (String section : DOCUMENT.split("\n(?=##)", -1)) {
            if (section.startsWith("### ")) {
                sections.put(section.lines().findFirst().orElseThrow().substring(4), section);
            }
        }
        return sections;
    }

    @Test
    void everyAlertHasItsSectionAndEverySectionItsAlert() {
        assertThat(sections())
                .containsOnlyKeys(MonitoringFiles.alerts().stream()
                        .map(MonitoringFiles.AlertRule::name)
                        .toList());
    }

    @Test
    void everySectionSaysWhatItMeansWhatWasDoneAndWhatToDo() {
        assertThat(sections())
                .allSatisfy((name, section) -> assertThat(section)
                        .as(name)
                        .containsSubsequence("\n**Means:** ", "\n**Already done:** ", "\n**Do:** ", "\n```sh\n"));
    }

    @Test
    void theListAtTheTopIsTrue() {
        assertThat(MonitoringFiles.alerts()).allSatisfy(alert -> {
            String link = "| [" + alert.name() + "](#" + alert.name().toLowerCase(Locale.ROOT) + ") | "
                    + MonitoringFiles.text(alert.labels(), "severity") + " | ";
            assertThat(DOCUMENT).contains(link);
        });
    }

    @Test
    void itsCommandsAreCommandsOfTheProgram() {
        List<String> commands = sections().values().stream()
                .flatMap(String::lines)
                .filter(line -> line.startsWith("watchkeeper "))
                .distinct()
                .toList();
        assertThat(commands).hasSizeGreaterThan(20).allSatisfy(AlertsDocumentTest::assertUnderstood);
    }

    @Test
    void aCommandThatIsNoneWouldBeNoticed() {
        assertThatThrownBy(() -> assertUnderstood("watchkeeper history --nonsense"))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> assertUnderstood("watchkeeper histroy")).isInstanceOf(AssertionError.class);
    }

    /** Without a configuration it comes as far as its arguments are understood, and does nothing. */
    private static void assertUnderstood(String command) {
        List<String> arguments = new ArrayList<>(
                List.of(command.substring("watchkeeper ".length()).split(" ", -1)));
        arguments.add("--config=/nonexistent/watchkeeper.yaml");
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        int status =
                WatchkeeperCommand.execute(arguments.toArray(String[]::new), Map.of(), Clock.systemUTC(), out, out);
        assertThat(said.toString(StandardCharsets.UTF_8))
                .as(command + " ended with " + status)
                .doesNotContain("Unknown option", "there is no command", "Unmatched argument", "Missing required");
    }
}
