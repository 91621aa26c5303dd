package io.watchkeeper.cli;

import io.watchkeeper.Agent;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes what the package ships beside the program: a manual page for each command, and completion for shells. */
@Command(
        name = "manual",
        hidden = true,
        mixinStandardHelpOptions = true,
        description = "Writes the manual pages and the completion of shells into a folder.")
final class ManualCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Option(names = "--to", paramLabel = "FOLDER", required = true, description = "the folder; it is made where absent")
    private @Nullable Path folder;

    @Option(
            names = "--date",
            paramLabel = "DATE",
            defaultValue = "",
            description = "what stands at the foot of the pages, for builds that are the same every time")
    private String date = "";

    ManualCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        Path root = folder == null ? Path.of("") : folder;
        CommandLine program = WatchkeeperCommand.whole(invocation);
        Map<Path, String> files = new TreeMap<>();
        pages(program, root.resolve("man1"), files);
        String completion = AutoComplete.bash(program.getCommandName(), program);
        files.put(root.resolve("bash/watchkeeper"), undated(completion));
        files.put(root.resolve("zsh/_watchkeeper"), forZsh(completion));
        files.forEach(ManualCommand::write);
        return ExitStatus.OK;
    }

    private void pages(CommandLine command, Path to, Map<Path, String> files) {
        ManualPage page = new ManualPage(command, Agent.version(), date);
        files.put(to.resolve(page.name() + ".1"), page.roff());
        for (CommandLine subcommand : ManualPage.shown(command)) {
            pages(subcommand, to, files);
        }
    }

    /** The generator puts the moment into its head. */
    private static String undated(String script) {
        return script.lines()
                // It is read by shells, never run.
                .filter(line -> !line.startsWith("# Generated on") && !line.startsWith("#!"))
                .map(line -> line.startsWith("# Version ") ? "#" : line)
                .reduce(new StringBuilder(), (text, line) -> text.append(line).append('\n'), StringBuilder::append)
                .toString();
    }

    /** The same script: zsh runs functions for bash's completion, once it was asked to. */
    private static String forZsh(String script) {
        return """
                #compdef watchkeeper
                autoload -U +X bashcompinit && bashcompinit
                """
                + undated(script)
                // The first time this file is what completes; after that the function is known.
                + "_bash_complete -o default -F _complete_watchkeeper\n";
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.write(file, text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new OperatorException("cannot write " + file + ": " + e.getMessage(), "is the folder writable?", e);
        }
    }
}
