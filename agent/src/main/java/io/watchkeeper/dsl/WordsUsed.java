package io.watchkeeper.dsl;

import java.util.HashSet;
import java.util.Set;
import org.codehaus.groovy.ast.CodeVisitorSupport;
import org.codehaus.groovy.ast.DynamicVariable;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.expr.VariableExpression;

/** The words that stand anywhere in a block. */
final class WordsUsed extends CodeVisitorSupport {

    private final Set<String> words = new HashSet<>();

    static WordsUsed in(ClosureExpression block) {
        WordsUsed used = new WordsUsed();
        block.getCode().visit(used);
        return used;
    }

    boolean contains(String word) {
        return words.contains(word);
    }

    @Override
    public void visitMethodCallExpression(MethodCallExpression call) {
        if (call.isImplicitThis()) {
            words.add(String.valueOf(call.getMethodAsString()));
        }
        super.visitMethodCallExpression(call);
    }

    /** A bare word, and no variable of the runbook's own. */
    @Override
    public void visitVariableExpression(VariableExpression variable) {
        if (variable.getAccessedVariable() instanceof DynamicVariable) {
            words.add(variable.getName());
        }
        super.visitVariableExpression(variable);
    }
}
