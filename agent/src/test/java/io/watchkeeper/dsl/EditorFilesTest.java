package io.watchkeeper.dsl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import groovy.lang.Closure;
import groovy.lang.GroovyClassLoader;
import groovy.lang.Script;
import io.watchkeeper.dsl.Vocabulary.BlockWords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.codehaus.groovy.runtime.InvokerHelper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EditorFilesTest {

    private static final Path FOLDER = Path.of("src/main/resources/editor");

    @TempDir
    Path home;

    @Test
    void areUpToDate() throws IOException {
        for (Map.Entry<String, String> file : EditorFiles.all().entrySet()) {
            Path path = FOLDER.resolve(file.getKey());
            if (Boolean.getBoolean("reference.write")) {
                Files.writeString(path, file.getValue());
            }
            assertThat(Files.readString(path))
                    .as("renew it with: mvn test -pl agent -Dtest=EditorFilesTest -Dreference.write=true")
                    .isEqualTo(file.getValue());
        }
    }

    /** The script runs, with the functions that IntelliJ gives it, as if the cursor stood in a block. */
    @Test
    void gdslOffersInEachBlockItsOwnWordsAndNoOthers() {
        Class<?> gdsl = new GroovyClassLoader().parseClass(EditorFiles.all().get("watchkeeper.gdsl"));
        for (BlockWords block : Vocabulary.LANGUAGE.blocks()) {
            Set<String> offered = offeredIn(gdsl, enclosing(block));

            assertThat(offered).as(block.name()).containsAll(block.terms().keySet());
            assertThat(offered).as(block.name()).containsAll(block.values().keySet());
        }
        assertThat(offeredIn(gdsl, List.of("runbook", "schedule")))
                .contains("cron", "every")
                .doesNotContain("copyTable", "owner");
        assertThat(offeredIn(gdsl, List.of("runbook", "step", "syncTable")))
                .contains("watermark")
                .doesNotContain("dump", "policy");
    }

    private static List<String> enclosing(BlockWords block) {
        List<String> calls = new ArrayList<>();
        BlockWords at = block;
        while (!at.isFile()) {
            calls.add(0, at.name());
            at = Vocabulary.LANGUAGE.blockOf(at.parents().iterator().next()).orElseThrow();
        }
        return calls;
    }

    private static Set<String> offeredIn(Class<?> gdsl, List<String> calls) {
        Set<String> offered = new HashSet<>();
        Script script = InvokerHelper.createScript(
                gdsl,
                new groovy.lang.Binding(Map.of(
                        "context", function(arguments -> arguments),
                        "scriptScope", function(arguments -> "file"),
                        "closureScope", function(arguments -> "block"),
                        "enclosingCall", function(arguments -> calls.contains(String.valueOf(arguments[0]))),
                        "method", function(arguments -> offered.add(name(arguments))),
                        "property", function(arguments -> offered.add(name(arguments))),
                        "contributor", function(arguments -> ((Closure<?>) arguments[1]).call()))));
        script.run();
        return offered;
    }

    private static String name(Object... arguments) {
        return String.valueOf(((Map<?, ?>) arguments[0]).get("name"));
    }

    private interface Body {
        Object call(Object... arguments);
    }

    private static Closure<Object> function(Body body) {
        return new Closure<>(EditorFilesTest.class) {
            @Override
            public Object call(Object... arguments) {
                return body.call(arguments);
            }
        };
    }

    @Test
    void vimHighlightsTheWordsOfARunbookAndJumpsToItsMistakes() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/vim")), "vim is not installed");
        for (String file : List.of("watchkeeper.vim", "watchkeeper-ftdetect.vim", "watchkeeper-ftplugin.vim")) {
            Path to = home.resolve(".vim/" + place(file) + "/watchkeeper.vim");
            Files.createDirectories(to.getParent());
            Files.copy(FOLDER.resolve(file), to);
        }
        Path runbook = home.resolve("nightly.groovy");
        Files.writeString(
                runbook,
                "runbook('nightly') {\n    step('a') {\n        vacuum('shore') { budget 5.minutes }\n    }\n}\n");
        Path answer = home.resolve("answer.txt");
        Path script = home.resolve("ask.vim");
        Files.writeString(script, """
            filetype plugin on
            syntax on
            edit %s
            function! Name(line, column)
              return synIDattr(synID(a:line, a:column, 1), 'name')
            endfunction
            call writefile([&filetype, Name(1, 1), Name(2, 5), Name(3, 9), Name(3, 27), Name(3, 36), &makeprg, &errorformat], '%s')
            qall!
            """.formatted(runbook, answer));
        Process vim = new ProcessBuilder(
                        "/usr/bin/vim",
                        "-N",
                        "-u",
                        "NONE",
                        "-i",
                        "NONE",
                        "-n",
                        "-es",
                        "-S",
                        script.toString(),
                        "--cmd",
                        "set runtimepath^=" + home.resolve(".vim"))
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(home.resolve("vim.txt").toFile())
                .start();
        assertThat(vim.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(answer).as(Files.readString(home.resolve("vim.txt"))).exists();

        assertThat(Files.readAllLines(answer))
                .containsExactly(
                        "groovy.watchkeeper",
                        "watchkeeperBlock",
                        "watchkeeperBlock",
                        "watchkeeperVerb",
                        "watchkeeperOption",
                        "watchkeeperUnit",
                        "watchkeeper validate %:S",
                        "%f:%l:%c: %m,%-G%.%#");
    }

    private static String place(String file) {
        return file.contains("ftdetect") ? "ftdetect" : file.contains("ftplugin") ? "ftplugin" : "syntax";
    }
}
