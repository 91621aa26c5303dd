package io.watchkeeper.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.testing.TestHost;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * docs/command-line.md and docs/terminal.svg show what the program prints, on a host with real servers and a running agent. What differs
 * from run to run (times, ids, rates) is not compared.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CommandLineDocumentTest {

    private static final Path DOCUMENT = Path.of("../docs/command-line.md");
    private static final Path PICTURE = Path.of("../docs/terminal.svg");
    private static final String RENEW =
            "renew it with: mvn test -pl agent -Dtest=CommandLineDocumentTest -Dreference.write=true";
    private static final String EXAMPLES = "<!-- examples of %s -->";

    private static final String COPY = """
        runbook('copy-orders') {
            description 'Copies the orders aboard.'
            owner 'dba-oncall'
            schedule { cron '0 30 2 * * ?'; zone 'Asia/Seoul' }
            policy { timeout 30.minutes; retry 3, 30.seconds; lock 'table-io' }
            step('copy') {
                copyTable('public.orders') { from 'shore'; to 'ship' }
            }
            onFailure { alert 'page', "copy-orders: ${error.message}" }
        }
        """;

    private static final String MISTAKES = """
        runbook('nightly') {
            schedule {
                corn '0 0 2 * * ?'
            }
            step('vacuum') {
                vacuum('shroe')
            }
        }
        """;

    @TempDir
    static Path home;

    private TestHost host;
    private Process agent;

    @BeforeAll
    void startAgent() throws IOException {
        host = new TestHost(home);
        host.onShore("create table orders(id int primary key, note text);"
                + " insert into orders select g, 'n' || g from generate_series(1, 40000) g; analyze orders");
        host.onShip("create table orders(id int primary key, note text)");
        host.runbook("copy-orders.groovy", COPY);
        Files.writeString(home.resolve("nightly.groovy"), MISTAKES);
        agent = host.spawn("agent");
        await().atMost(Duration.ofMinutes(2))
                .failFast(host.spawnedOutput(), () -> !agent.isAlive())
                .until(() -> host.call("status").exitStatus() == 0);
    }

    @AfterAll
    void endAgent() throws InterruptedException {
        agent.destroy();
        assertThat(agent.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void showsEveryCommandWithWhatItPrints() throws Exception {
        TerminalPicture picture = new TerminalPicture(100);
        Map<String, String> examples = examples(picture);
        String document = document(examples);
        String svg =
                picture.svg("A terminal: a runbook is checked, explained, tried without changing anything, and run");
        if (Boolean.getBoolean("reference.write")) {
            Files.writeString(DOCUMENT, document);
            Files.writeString(PICTURE, svg);
        }

        assertThat(lasting(Files.readString(DOCUMENT))).as(RENEW).isEqualTo(lasting(document));
        DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(Files.readAllBytes(PICTURE)));
        assertThat(lasting(text(Files.readString(PICTURE)))).as(RENEW).isEqualTo(lasting(text(svg)));
    }

    /** In the order of a runbook's life: written, checked, tried, run, watched. */
    private Map<String, String> examples(TerminalPicture picture) {
        Map<String, String> all = new LinkedHashMap<>();
        String nightly = home.resolve("nightly.groovy").toString();
        example(all, picture, "new", "new", "ship-sync", "--from", "sync", "--into", home.toString());
        example(all, null, "new", "new", "--list");
        example(all, picture, "validate", "validate", nightly);
        example(all, picture, "explain", "explain", "copy-orders");
        example(all, null, "explain", "explain", "copy-orders", "--language", "ko");
        example(all, picture, "run", "run", "copy-orders", "--dry-run");
        example(all, picture, "run", "run", "copy-orders");
        example(all, picture, "status", "status");
        example(all, null, "list", "list");
        example(all, picture, "history", "history");
        String run = host.call("history", "--json").out().replaceAll("(?s).*?\"runId\" : \"(\\w+)\".*", "$1");
        example(all, null, "show", "show", run);
        example(all, null, "trigger", "trigger", "copy-orders", "--dry-run");
        example(all, null, "pause", "pause", "copy-orders");
        example(all, null, "resume", "resume", "copy-orders");
        return all;
    }

    private void example(
            Map<String, String> all,
            @org.jspecify.annotations.Nullable TerminalPicture picture,
            String of,
            String... call) {
        String written = String.join(" ", call).replace(home + "/", "");
        written = written.replace(" --into " + home, "");
        all.merge(of, "```\n$ watchkeeper " + written + "\n" + called("0", call) + "```\n", (a, b) -> a + "\n" + b);
        if (picture != null) {
            if (of.equals("new")) {
                deleteScaffold();
                picture.add("watchkeeper " + written, called("1", call));
                deleteScaffold();
            } else {
                picture.add("watchkeeper " + written, called("1", call));
            }
        }
    }

    private void deleteScaffold() {
        try {
            Files.deleteIfExists(home.resolve("ship-sync.groovy"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private String called(String terminal, String... call) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream to = new PrintStream(out, true, StandardCharsets.UTF_8);
        WatchkeeperCommand.execute(
                call,
                Map.of(
                        "WATCHKEEPER_CONFIG",
                        host.config().toString(),
                        "WATCHKEEPER_TERMINAL",
                        terminal,
                        "COLUMNS",
                        "100"),
                Clock.system(ZoneOffset.UTC),
                to,
                to);
        // What is drawn in place is gone in the end.
        return out.toString(StandardCharsets.UTF_8)
                .replace(home + "/", "")
                .replaceAll("(?m)^.*\r\u001b\\[2K(?=.*$)", "")
                .replaceAll("\u001b\\[(2K|1A)|\r", "");
    }

    private static String document(Map<String, String> examples) {
        StringBuilder text = new StringBuilder("""
            # The command line

            <!-- Generated from the program, with examples that a test has run; it fails when this is out of date and says how to renew it. -->

            `watchkeeper COMMAND --help` shows what stands here. What all commands have in common:

            | | |
            | --- | --- |
            | on a terminal | tables are as wide as the terminal: columns that can be missed go first, long texts are cut with …; colours; progress with rate and ETA, drawn in place |
            | in a pipe or a file | plain lines, nothing cut, no colours; progress as a line every ten seconds |
            | `--color WHEN` | `auto`, `always`, `never`; without it `NO_COLOR` and `TERM=dumb` switch colours off. A shape always says the same as a colour |
            | `--json` | one JSON document on standard output and nothing else there, errors too |
            | `--watch [SECONDS]` | `status`, `list`, `history`: the view is drawn again and again, without blinking; Ctrl-C ends it and brings the screen from before back. In a pipe it is printed anew when it has changed |
            | `--debug` | stack traces of errors; without it an error is a fact and a `HINT:` |
            | `--config FILE` | the configuration; else `WATCHKEEPER_CONFIG`, else `/etc/watchkeeper/watchkeeper.yaml` |

            | exit status | means |
            | --- | --- |
            | 0 | succeeded; for `status` and others that judge: nothing is wrong |
            | 1 | failed; for `status`, `doctor`, `replication`, `verify` and others that judge: something is wrong |
            | 2 | usage, configuration or a runbook is wrong; nothing was run |
            | 3 | skipped, by a guard, a lock or a run that was going on |
            | 4 | cancelled |
            | 5 | timed out |

            Ctrl-C cancels a run cleanly: its statement is cancelled on the servers, and the exit status is 4. A view that is watched ends with the
            status of its last look.
            """);
        CommandLine program = program();
        program.getSubcommands().forEach((name, command) -> {
            if (command.getCommandSpec().usageMessage().hidden()) {
                return;
            }
            text.append("\n## ").append(name).append("\n\n");
            usage(command, text);
            command.getSubcommands().forEach((inner, sub) -> {
                text.append("\n### ").append(name).append(' ').append(inner).append("\n\n");
                usage(sub, text);
            });
            if (examples.containsKey(name)) {
                text.append('\n')
                        .append(EXAMPLES.formatted(name))
                        .append("\n\n")
                        .append(examples.get(name));
            }
        });
        return text.toString();
    }

    private static void usage(CommandLine command, StringBuilder text) {
        String usage = command.getUsageMessage(CommandLine.Help.Ansi.OFF);
        text.append("```\n")
                .append(usage.stripTrailing().replaceAll("(?m)[ \t]+$", ""))
                .append("\n```\n");
    }

    private static String text(String svg) {
        return svg.replaceAll("<[^>]*>", " ");
    }

    /** Without what differs from run to run, and without the room that it takes. */
    private static String lasting(String text) {
        return text.replaceAll("\\b[0-9A-HJKMNP-TV-Z]{26}\\b", "RUN")
                .replaceAll("\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?( ?[A-Z]+)?", "TIME")
                .replaceAll("\\b[0-9A-F]+/[0-9A-F]{6,}\\b", "LSN")
                .replaceAll("[\\d.]+( [\\d]+)* [kM]? ?rows/s", "RATE")
                .replaceAll("\\b\\d+(\\.\\d+)? (ms|s|min|h|d)( \\d+ (s|min|h))?\\b", "DURATION")
                .replaceAll("\\bjust now\\b|\\bDURATION ago\\b", "AGO")
                .replaceAll("127\\.0\\.0\\.1:\\d+", "ADDRESS")
                .replaceAll("version [\\w.-]+", "VERSION")
                .replaceAll("(?m)\\s+", " ");
    }

    private static CommandLine program() {
        PrintStream nowhere = new PrintStream(new ByteArrayOutputStream());
        return WatchkeeperCommand.whole(
                new Invocation(Map.of(), Clock.systemUTC(), new Terminal(nowhere, nowhere, Map.of())));
    }

    @Test
    void everySubcommandIsInTheHelp() {
        CommandLine program = program();

        assertThat(program.getSubcommands().keySet())
                .containsAll(List.of("new", "explain", "editor", "status", "history", "validate"));
        assertThat(program.getUsageMessage()).contains("--color", "Exit status:");
    }
}
