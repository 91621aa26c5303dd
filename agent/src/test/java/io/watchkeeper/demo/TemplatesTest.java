package io.watchkeeper.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.cli.WatchkeeperCommand;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.testing.ServerFingerprint;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What 'watchkeeper new' writes, as it is written, on real servers. */
class TemplatesTest {

    private static RunbookRig rig;

    @TempDir
    static Path folder;

    @BeforeAll
    static void startFleet() {
        rig = new RunbookRig();
    }

    @AfterAll
    static void endFleet() {
        rig.close();
    }

    /** What a drill stands on comes first, and what compares comes after what copies. */
    static Stream<String> templates() {
        String listed = call("new", "--list");
        List<String> words =
                listed.lines().map(line -> line.strip().split(" ")[0]).toList();
        List<String> first = List.of("copy", "sync", "verify", "backup", "wal", "drill");
        assertThat(words).containsAll(first);
        return Stream.concat(first.stream(), words.stream().filter(word -> !first.contains(word)));
    }

    @ParameterizedTest
    @MethodSource("templates")
    void dryRunChangesNothingAndRunSucceeds(String template) {
        call("new", "a-" + template, "--from", template, "--into", folder.toString());
        Runbook runbook = rig.load(folder.resolve("a-" + template + ".groovy")).get(0);

        List<ServerFingerprint> before = rig.fingerprints();
        RunOutcome dry = rig.dryRun(runbook, Map.of());
        assertThat(dry.state()).as("%s", dry.error()).isEqualTo(RunState.SUCCEEDED);
        assertThat(RunbookRig.changes(before, rig.fingerprints())).isEmpty();

        RunOutcome outcome = rig.run(runbook, Map.of());
        assertThat(outcome.state()).as("%s", outcome.error()).isEqualTo(RunState.SUCCEEDED);
    }

    private static String call(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream to = new PrintStream(out, true, StandardCharsets.UTF_8);
        int status = WatchkeeperCommand.execute(
                arguments,
                Map.of("WATCHKEEPER_CONFIG", rig.fleet.configFile().toString(), "COLUMNS", "200"),
                Clock.systemUTC(),
                to,
                to);
        assertThat(status).as(out.toString(StandardCharsets.UTF_8)).isZero();
        return out.toString(StandardCharsets.UTF_8);
    }
}
