package io.watchkeeper.dsl;

import io.watchkeeper.problem.Problem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.codehaus.groovy.ast.ASTNode;
import org.codehaus.groovy.ast.ModuleNode;
import org.jspecify.annotations.Nullable;

/** One file on its way through the compiler: what the checks along the way need to know, and what they found. */
final class CompileRequest {

    private final String file;
    private final String role;
    private final TextChecks texts;
    private final List<Problem> problems = new ArrayList<>();
    private final Set<Long> places = new HashSet<>();
    private final Set<String> removedNames = new HashSet<>();

    CompileRequest(String file, String role, TextChecks texts) {
        this.file = file;
        this.role = role;
        this.texts = texts;
    }

    /** The request whose file the module is. */
    static CompileRequest of(ModuleNode module) {
        CompileRequest request = module.getNodeMetaData(CompileRequest.class);
        if (request == null) {
            throw new IllegalStateException("the module is not a runbook file: " + module.getDescription());
        }
        return request;
    }

    void attachTo(ModuleNode module) {
        module.putNodeMetaData(CompileRequest.class, this);
    }

    String role() {
        return role;
    }

    TextChecks texts() {
        return texts;
    }

    List<Problem> problems() {
        return problems;
    }

    /** Names of classes and methods that the guard refused and took out: what uses them is no second problem. */
    Set<String> removedNames() {
        return removedNames;
    }

    /** Notes a problem. Of several at one place the first says it best: the checks go from the particular to the general. */
    void problem(ASTNode place, String message, @Nullable String hint) {
        problem(place.getLineNumber(), place.getColumnNumber(), message, hint);
    }

    /** True when something within the node's text is a problem already: what is done with it needs no second one. */
    boolean hasProblemIn(ASTNode node) {
        return problems.stream()
                .anyMatch(p -> !before(p.line(), p.column(), node.getLineNumber(), node.getColumnNumber())
                        && before(p.line(), p.column(), node.getLastLineNumber(), node.getLastColumnNumber()));
    }

    private static boolean before(int line, int column, int otherLine, int otherColumn) {
        return line < otherLine || (line == otherLine && column < otherColumn);
    }

    void problem(int line, int column, String message, @Nullable String hint) {
        if (line <= 0 && !problems.isEmpty()) {
            // Follows from the others, and nobody could find it.
            return;
        }
        if (places.add(((long) line << 32) + column)) {
            problems.add(new Problem(file, Math.max(line, 0), Math.max(column, 0), message, hint));
        }
    }
}
