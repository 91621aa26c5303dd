package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Problem;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.SourceLocation;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What one file declares while its script runs once: runbooks, and problems that only show then. */
final class Declarations {

    private final String file;
    private final String fingerprint;
    private final String role;
    private final Toolbox toolbox;
    private final TextChecks texts;
    private final List<Runbook> runbooks = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();

    Declarations(String file, String fingerprint, String role, Toolbox toolbox, TextChecks texts) {
        this.file = file;
        this.fingerprint = fingerprint;
        this.role = role;
        this.toolbox = toolbox;
        this.texts = texts;
    }

    Toolbox toolbox() {
        return toolbox;
    }

    TextChecks texts() {
        return texts;
    }

    /** This host's. */
    String role() {
        return role;
    }

    String fingerprint() {
        return fingerprint;
    }

    List<Runbook> runbooks() {
        return runbooks;
    }

    List<Problem> problems() {
        return problems;
    }

    void add(Runbook runbook) {
        runbooks.add(runbook);
    }

    /** The line of the file that is being executed. */
    SourceLocation here() {
        return StackWalker.getInstance()
                .walk(frames -> frames.filter(f -> ScriptNames.isScript(f.getClassName()) && f.getLineNumber() > 0)
                        .findFirst()
                        .map(f -> new SourceLocation(file, f.getLineNumber())))
                .orElse(new SourceLocation(file, 1));
    }

    SourceLocation at(int line) {
        return new SourceLocation(file, line);
    }

    void problem(String message, @Nullable String hint) {
        problemAt(here(), message, hint);
    }

    void problemAt(SourceLocation place, String message, @Nullable String hint) {
        problems.add(new Problem(file, place.line(), 0, message, hint));
    }

    /** The text when it is of its kind; otherwise the problem is noted, loading goes on, and the fallback stands in. */
    <T> T checked(TextKind kind, @Nullable String text, Supplier<T> value, T fallback) {
        try {
            texts.require(kind, text);
            return value.get();
        } catch (OperatorException e) {
            problem(String.valueOf(e.getMessage()), e.hint());
            return fallback;
        }
    }
}
