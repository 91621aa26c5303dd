package io.watchkeeper.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.watchkeeper.files.FolderTree;
import io.watchkeeper.runbook.Parameter;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.testing.ServerFingerprint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every example of the language does what it says, on real servers. A new file is found by itself. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DslExamplesTest {

    private static final Path EXAMPLES = Path.of("..", "dsl-examples");

    private static RunbookRig rig;
    private static HttpServer probed;

    @BeforeAll
    static void startFleet() throws IOException {
        rig = new RunbookRig();
        // Examples copy single tables, whose tenants must be aboard.
        Runbook copy = rig.load(RunbookRig.SHIPPED.resolve("fleet-copy.groovy")).get(0);
        RunOutcome outcome = rig.run(copy, Map.of());
        assertThat(outcome.state()).as("%s", outcome.error()).isEqualTo(RunState.SUCCEEDED);
        probed = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        probed.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        probed.start();
    }

    @AfterAll
    static void endFleet() {
        probed.stop(0);
        rig.close();
    }

    static Stream<Path> files() throws IOException {
        // Those for pgBackRest need a server that archives into a stanza, those for standbys an empty host:
        // PgBackRestVerbsTest
        // and StandbyVerbsTest run them.
        return RunbookRig.filesOf(EXAMPLES)
                .filter(file -> !String.valueOf(file.getFileName()).matches(".*(pgbackrest|-a-standby).*"));
    }

    @Order(1)
    @ParameterizedTest
    @MethodSource("files")
    void dryRunChangesNothingAndRunSucceeds(Path file) throws IOException {
        String text = Files.readString(file);
        if (text.contains("provisionSubscription") || text.contains("mode stream")) {
            // Below PostgreSQL 16 nobody else makes subscriptions.
            rig.asSuperuser("ship", "alter role watchkeeper superuser");
            try {
                describeAndRun(file);
            } finally {
                rig.asSuperuser("ship", "alter role watchkeeper nosuperuser");
            }
        } else {
            describeAndRun(file);
        }
    }

    private static void describeAndRun(Path file) {
        for (Runbook runbook : rig.load(file)) {
            List<ServerFingerprint> before = rig.fingerprints();
            RunOutcome described = rig.dryRun(runbook, given(runbook));
            assertThat(described.state()).as("%s", described.error()).isEqualTo(RunState.SUCCEEDED);
            assertThat(RunbookRig.changes(before, rig.fingerprints())).isEmpty();

            RunOutcome outcome = rig.run(runbook, given(runbook));
            assertThat(outcome.state()).as("%s", outcome.error()).isEqualTo(RunState.SUCCEEDED);
        }
    }

    @Order(2)
    @ParameterizedTest
    @ValueSource(
            strings = {
                "copying.md",
                "syncing.md",
                "wal-archive.md",
                "replication-lag.md",
                "settings-and-logs.md",
                "maintenance.md"
            })
    void whatAPageShowsRuns(String page, @TempDir Path folder) throws IOException {
        List<String> shown = Pattern.compile("```groovy\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("..", "docs", page)))
                .results()
                .map(block -> block.group(1))
                .toList();
        assertThat(shown).hasSizeGreaterThanOrEqualTo(2).allMatch(text -> text.startsWith("runbook('"));
        for (int i = 0; i < shown.size(); i++) {
            Files.writeString(folder.resolve("shown-" + i + ".groovy"), shown.get(i));
        }
        if (page.equals("wal-archive.md")) {
            // The examples have ended theirs, and to begin it again is a failure until there is a backup from after the
            // gap.
            FolderTree.delete(rig.backups().catalogue("shore").folder());
        }
        for (Runbook runbook : rig.load(folder)) {
            RunOutcome described = rig.dryRun(runbook, Map.of());
            assertThat(described.state()).as("%s", described.error()).isEqualTo(RunState.SUCCEEDED);
            RunOutcome outcome = rig.run(runbook, Map.of());
            assertThat(outcome.state()).as("%s", outcome.error()).isEqualTo(RunState.SUCCEEDED);
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void beginsWithACommentAndBearsItsFilesName(Path file) throws IOException {
        assertThat(file.getFileName().toString()).matches("\\d\\d-[a-z0-9-]+\\.groovy");
        assertThat(Files.readString(file)).startsWith("// ");
        String idea = file.getFileName().toString().replaceFirst("^\\d\\d-(.*)\\.groovy$", "$1");
        List<String> names = rig.load(file).stream().map(Runbook::name).toList();
        if (names.size() == 1) {
            assertThat(names).containsExactly(idea);
        }
    }

    @Test
    void theyLiveTogetherInOneFolderAndAreNumberedWithoutGaps() throws IOException {
        assertThat(rig.load(EXAMPLES)).hasSizeGreaterThan(25);
        List<String> numbers = RunbookRig.filesOf(EXAMPLES)
                .map(f -> f.getFileName().toString().substring(0, 2))
                .toList();
        assertThat(numbers)
                .isEqualTo(Stream.iterate(1, n -> n + 1)
                        .limit(numbers.size())
                        .map("%02d"::formatted)
                        .toList());
    }

    @Test
    void failureAndRecoveryAreTold() {
        Runbook runbook = rig.load(EXAMPLES.resolve("17-alert-on-failure-and-recovery.groovy"))
                .get(0);
        rig.alerts.clear();
        assertThat(rig.run(runbook, Map.of("limit", "0")).state()).isEqualTo(RunState.FAILED);
        assertThat(rig.run(runbook, Map.of()).state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(rig.run(runbook, Map.of()).state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(rig.alerts).extracting(alert -> alert.severity()).containsExactly("page", "info");
        assertThat(rig.alerts.get(0).text()).startsWith("pipelines: check 'broken pipelines'");
    }

    @Test
    void quickStartNamesTheFolder() throws IOException {
        assertThat(Path.of("..", "docs", "quick-start.md")).content().contains("dsl-examples/");
    }

    /** What a person would say with -P: mandatory parameters, and the address of something that answers. */
    private static Map<String, String> given(Runbook runbook) {
        Map<String, String> all = Map.of(
                "region",
                "kr",
                "url",
                "http://127.0.0.1:" + probed.getAddress().getPort() + "/",
                "to",
                rig.fleet.folder().resolve("restored").toString());
        return runbook.parameters().stream()
                .map(Parameter::name)
                .filter(all::containsKey)
                .collect(Collectors.toMap(name -> name, all::get));
    }
}
