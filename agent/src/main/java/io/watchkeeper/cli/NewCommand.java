package io.watchkeeper.cli;

import io.watchkeeper.HostLook;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.dsl.LoadResult;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a runbook to begin with. It lies where it was asked for and not where the agent would load it at once. */
@Command(
        name = "new",
        mixinStandardHelpOptions = true,
        description = "Writes a commented runbook to begin with, from a template; overwrites nothing.")
final class NewCommand implements Callable<Integer> {

    private static final String NAME = "[\\p{L}\\p{N}][\\p{L}\\p{N}._-]{0,99}";

    private final Invocation invocation;

    @Parameters(index = "0", arity = "0..1", paramLabel = "NAME", description = "the runbook's name, and its file's")
    private @Nullable String name;

    @Option(
            names = "--from",
            paramLabel = "TEMPLATE",
            completionCandidates = RunbookTemplate.Words.class,
            description = "what it is to do; see --list")
    private @Nullable String template;

    @Option(names = "--list", description = "the templates, one line each; writes nothing")
    private boolean list;

    @Option(names = "--into", paramLabel = "DIR", description = "where to write it; default: the current directory")
    private Path folder = Path.of("");

    @Option(names = "--database", paramLabel = "NAME", description = "the database it is about")
    private @Nullable String database;

    @Option(names = "--source", paramLabel = "NAME", description = "of two databases, the one that is read")
    private @Nullable String source;

    @Option(names = "--target", paramLabel = "NAME", description = "of two databases, the one that is written")
    private @Nullable String target;

    @Option(names = "--json", description = "one JSON document on standard output")
    private boolean json;

    NewCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        if (list) {
            return list();
        }
        if (name == null || template == null) {
            throw new UsageException(
                    name == null ? "the new runbook needs a name" : "what '" + name + "' is to do is missing",
                    "for example 'watchkeeper new ship-sync --from sync'; 'watchkeeper new --list' shows the"
                            + " templates.");
        }
        if (!name.matches(NAME)) {
            throw new UsageException(
                    "'" + name + "' cannot be a runbook's name",
                    "letters, digits, '.', '_' and '-', beginning with a letter or digit, at most 100.");
        }
        return write(name, RunbookTemplate.named(template));
    }

    private int list() {
        if (json) {
            invocation.printJson(RunbookTemplate.ALL.stream()
                    .map(one -> Map.of("template", one.word(), "purpose", one.purpose()))
                    .toList());
            return ExitStatus.OK;
        }
        int width = RunbookTemplate.ALL.stream()
                .mapToInt(one -> one.word().length())
                .max()
                .orElse(0);
        RunbookTemplate.ALL.forEach(one -> invocation
                .terminal()
                .prose(" " + one.word() + " ".repeat(width - one.word().length() + 2), one.purpose()));
        return ExitStatus.OK;
    }

    private int write(String runbook, RunbookTemplate from) {
        Optional<AgentConfig> config = config();
        Path file = folder.resolve(runbook + ".groovy");
        config.ifPresent(c -> refuseTaken(runbook, c));
        ChosenDatabases chosen = new ChosenDatabases(config, database, source, target);
        Map<String, String> values = new LinkedHashMap<>(chosen.valuesFor(from));
        values.put("name", runbook);
        create(file, from.filled(values));
        LoadResult loaded =
                HostLook.loaderForChecking(config, invocation.clock()).load(List.of(file));
        if (!loaded.problems().isEmpty()) {
            // Nothing that does not validate is left behind.
            remove(file);
            throw new ProblemsException(loaded.problems());
        }
        report(file, chosen.remarks());
        return ExitStatus.OK;
    }

    /** A configuration nobody named may be missing: then the names are those of the examples. */
    private Optional<AgentConfig> config() {
        return invocation.configWasNamed() || Files.exists(invocation.configFile())
                ? Optional.of(invocation.config())
                : Optional.empty();
    }

    private void refuseTaken(String runbook, AgentConfig config) {
        boolean taken = Files.isDirectory(config.runbooks())
                && HostLook.loaderForChecking(Optional.of(config), invocation.clock())
                        .load(List.of(config.runbooks()))
                        .runbooks()
                        .stream()
                        .anyMatch(one -> one.name().equals(runbook));
        if (taken) {
            throw new UsageException(
                    "there is a runbook '" + runbook + "' already in " + config.runbooks(),
                    "take another name; 'watchkeeper list' shows those that are taken.");
        }
    }

    private static void create(Path file, String text) {
        try {
            Files.writeString(file, text, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            // Whatever the umask: a runbook that others can write is refused.
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        } catch (FileAlreadyExistsException e) {
            throw new UsageException(file + " exists, and nothing is overwritten", "take another name, or --into DIR.");
        } catch (IOException e) {
            throw new OperatorException(
                    file + " cannot be written: " + e,
                    "give a folder that exists and that you may write: --into DIR.",
                    e);
        }
    }

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new OperatorException(file + " does not validate and cannot be removed: " + e, null, e);
        }
    }

    private void report(Path file, List<String> remarks) {
        if (json) {
            invocation.printJson(Map.of("file", file.toString(), "remarks", remarks));
            return;
        }
        Terminal terminal = invocation.terminal();
        terminal.print(terminal.mark("succeeded") + " " + file + " is written and validates.");
        remarks.forEach(remark -> terminal.prose("  ", remark));
        terminal.print("  Next: edit what is marked with EDIT, then");
        terminal.print("    watchkeeper explain " + file);
        terminal.print("    watchkeeper run " + file + " --dry-run");
    }
}
