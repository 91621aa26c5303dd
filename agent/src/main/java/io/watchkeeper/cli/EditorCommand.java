package io.watchkeeper.cli;

import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes out what editors need to know the runbook language. */
@Command(
        name = "editor",
        mixinStandardHelpOptions = true,
        description = "Writes out the help for editors: words, completion and highlighting of the runbook language.")
final class EditorCommand implements Callable<Integer> {

    /** Where each file has to lie, under the folder of the editor. */
    private static final Map<String, String> VIM = files(
            "watchkeeper.vim", "syntax/watchkeeper.vim",
            "watchkeeper-ftdetect.vim", "ftdetect/watchkeeper.vim",
            "watchkeeper-ftplugin.vim", "ftplugin/watchkeeper.vim",
            "watchkeeper-words.txt", "watchkeeper-words.txt");

    private static final Map<String, String> INTELLIJ = files("watchkeeper.gdsl", "watchkeeper.gdsl");

    private final Invocation invocation;

    @Option(
            names = "--vim",
            arity = "0..1",
            paramLabel = "DIR",
            fallbackValue = "",
            description = "for vim; default: ~/.vim")
    private @Nullable Path vim;

    @Option(
            names = "--intellij",
            paramLabel = "DIR",
            description = "for IntelliJ: the folder of runbooks, opened as a project with Groovy")
    private @Nullable Path intellij;

    EditorCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        if (vim == null && intellij == null) {
            throw new UsageException("no editor was named", "give --vim or --intellij DIR; see docs/editors.md.");
        }
        if (vim != null) {
            Path home = Path.of(invocation.environment().getOrDefault("HOME", "."));
            install(VIM, vim.toString().isEmpty() ? home.resolve(".vim") : vim);
        }
        if (intellij != null) {
            if (!Files.isDirectory(intellij)) {
                throw new UsageException("there is no folder " + intellij, "give the folder that holds the runbooks.");
            }
            install(INTELLIJ, intellij);
        }
        return ExitStatus.OK;
    }

    /** These files are the program's own: a newer version's replace an older one's. */
    private void install(Map<String, String> files, Path folder) {
        files.forEach((resource, place) -> {
            Path file = folder.resolve(place);
            try (InputStream in = EditorCommand.class.getResourceAsStream("/editor/" + resource)) {
                if (in == null) {
                    throw new IllegalStateException("the program lacks editor/" + resource);
                }
                Path parent = file.toAbsolutePath().getParent();
                if (parent != null) {
                    Files.createDirectories(parent);
                }
                Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
                invocation.terminal().print("wrote " + file);
            } catch (IOException e) {
                throw new OperatorException(file + " cannot be written: " + e, "name a folder that you may write.", e);
            }
        });
    }

    private static Map<String, String> files(String... pairs) {
        Map<String, String> files = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            files.put(pairs[i], pairs[i + 1]);
        }
        return files;
    }
}
