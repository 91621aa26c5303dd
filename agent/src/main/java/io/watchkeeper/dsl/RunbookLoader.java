package io.watchkeeper.dsl;

import groovy.lang.Script;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Problem;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.trust.RunbookTrust;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Turns runbook files into runbooks or into all of their problems. Opens no connection and runs no step. */
public final class RunbookLoader {

    private final String role;
    private final Toolbox toolbox;
    private final TextChecks texts;
    private final RunbookCompiler compiler;
    private final RunbookTrust trust;
    private final CompileCache cache;

    /**
     * @param role this host's; runbooks for other roles are checked and left out
     * @param databases the configured names; null when there is no configuration, and then names are not checked
     */
    public RunbookLoader(String role, @Nullable Collection<String> databases, Toolbox toolbox) {
        this(role, databases, toolbox, RunbookTrust.USUAL);
    }

    /** As {@link #RunbookLoader(String, Collection, Toolbox)}. @param trust what files must be vouched for by */
    public RunbookLoader(String role, @Nullable Collection<String> databases, Toolbox toolbox, RunbookTrust trust) {
        this(role, new TextChecks(databases, toolbox.cron()), toolbox, trust, CompileCache.none());
    }

    private RunbookLoader(String role, TextChecks texts, Toolbox toolbox, RunbookTrust trust, CompileCache cache) {
        this.role = role;
        this.texts = texts;
        this.toolbox = toolbox;
        this.trust = trust;
        this.cache = cache;
        this.compiler = new RunbookCompiler(role, texts, cache);
    }

    /**
     * The same, which compiles no file that it has compiled before.
     *
     * @param folder where it keeps what files became, and nothing else is kept; made when it is missing
     */
    public RunbookLoader keepingClassesIn(Path folder) {
        return new RunbookLoader(role, texts, toolbox, trust, CompileCache.in(folder));
    }

    /** The same with such a cache. */
    RunbookLoader with(CompileCache other) {
        return new RunbookLoader(role, texts, toolbox, trust, other);
    }

    /** Forgets what files became that have changed since, or are no more. */
    void forgetUnused() {
        cache.sweep();
    }

    /** Loads the files, and of each folder the runbooks directly in it. */
    public LoadResult load(List<Path> filesOrFolders) {
        Set<Path> files = new LinkedHashSet<>();
        List<Problem> problems = new ArrayList<>();
        for (Path path : filesOrFolders) {
            if (Files.isDirectory(path)) {
                try {
                    files.addAll(runbooksIn(path));
                } catch (IOException e) {
                    problems.add(Problem.of(path.toString(), "the folder cannot be read: " + e.getMessage(), null));
                }
            } else {
                files.add(path);
            }
        }
        LoadSet set = new LoadSet(role);
        RunbookTrust.Round round = trust.round();
        for (LoadedFile loaded : Parallel.map(files, file -> loadFile(file, null, round))) {
            set.add(loaded);
        }
        problems.addAll(set.problems());
        return new LoadResult(set.runbooks(), problems, files.size());
    }

    String role() {
        return role;
    }

    /** The runbooks directly in the folder, by name. */
    public static List<Path> runbooksIn(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(RunbookFile::isRunbook)
                    .filter(f -> !Files.isDirectory(f))
                    .sorted(Comparator.comparing(Path::toString))
                    .toList();
        }
    }

    RunbookTrust trust() {
        return trust;
    }

    /** Loads the file, unless its text is still the one of an earlier load: then what that came to is returned. */
    LoadedFile loadFile(Path file, @Nullable LoadedFile earlier, RunbookTrust.Round round) {
        try {
            byte[] content = RunbookFile.read(file);
            // These very bytes are compiled: nothing is read again.
            round.require(file, content);
            String text = RunbookFile.text(file, content);
            return earlier != null && fingerprint(text).equals(earlier.fingerprint())
                    ? earlier
                    : loadText(file.toString(), text);
        } catch (NoSuchFileException e) {
            return broken(file, "there is no such file", null);
        } catch (OperatorException e) {
            return broken(file, String.valueOf(e.getMessage()), e.hint());
        } catch (IOException e) {
            return broken(file, "it cannot be read: " + e.getMessage(), "the user of the agent needs to read it.");
        }
    }

    private static LoadedFile broken(Path file, String message, @Nullable String hint) {
        return new LoadedFile(file.toString(), null, List.of(), List.of(Problem.of(file.toString(), message, hint)));
    }

    /** Loads what stands in a file. @param file what problems and locations call it */
    LoadedFile loadText(String file, String text) {
        String fingerprint = fingerprint(text);
        RunbookCompiler.Compiled compiled = compiler.compile(file, text);
        if (compiled.script() == null) {
            return new LoadedFile(file, fingerprint, List.of(), compiled.problems());
        }
        Declarations declarations = new Declarations(file, fingerprint, role, toolbox, texts);
        declare(compiled.script(), declarations);
        if (declarations.problems().isEmpty() && declarations.runbooks().isEmpty()) {
            String what = text.isBlank() ? "the file is empty" : "the file declares no runbook";
            Problem problem = Problem.of(file, what, "a runbook begins with  runbook('name') { … }");
            return new LoadedFile(file, fingerprint, List.of(), List.of(problem));
        }
        List<Runbook> runbooks = declarations.problems().isEmpty() ? declarations.runbooks() : List.of();
        return new LoadedFile(file, fingerprint, runbooks, SourceColumns.complete(text, declarations.problems()));
    }

    private static void declare(Class<? extends RunbookScript> type, Declarations declarations) {
        try {
            RunbookScript script = type.getDeclaredConstructor().newInstance();
            script.declareInto(declarations);
            ((Script) script).run();
        } catch (OperatorException e) {
            failed(declarations, e, String.valueOf(e.getMessage()), e.hint());
        } catch (ReflectiveOperationException | RuntimeException | StackOverflowError | AssertionError e) {
            boolean isNull = e instanceof NullPointerException || e.getMessage() == null;
            String why = isNull ? "a value is missing (null)" : e.getMessage();
            failed(
                    declarations,
                    e,
                    "declaring the runbook failed: " + why,
                    "code outside steps runs while the file is loaded.");
        }
    }

    private static void failed(Declarations declarations, Throwable failure, String message, @Nullable String hint) {
        int line = ScriptNames.lineOf(failure).orElse(0);
        declarations.problemAt(declarations.at(line), message, hint);
    }

    private static String fingerprint(String text) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(sha.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
