package io.watchkeeper.dsl;

import io.watchkeeper.dsl.BlockMap.Place;
import io.watchkeeper.dsl.Vocabulary.Term;
import java.util.ArrayDeque;
import java.util.Deque;
import org.codehaus.groovy.ast.CodeVisitorSupport;
import org.codehaus.groovy.ast.DynamicVariable;
import org.codehaus.groovy.ast.expr.BinaryExpression;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.VariableExpression;
import org.codehaus.groovy.syntax.Types;
import org.jspecify.annotations.Nullable;

/**
 * Finds words that stand alone or before a {@code =}. Asked before types are, because the compiler would take such a word for a
 * field of the Spec class behind the block.
 */
final class BareWords extends CodeVisitorSupport {

    private final BlockMap blocks;
    private final WrongWords words;
    private final Deque<Place> stack = new ArrayDeque<>();
    private @Nullable Expression assigned;

    BareWords(BlockMap blocks, WrongWords words) {
        this.blocks = blocks;
        this.words = words;
    }

    @Override
    public void visitClosureExpression(ClosureExpression closure) {
        stack.push(blocks.placeOf(closure));
        super.visitClosureExpression(closure);
        stack.pop();
    }

    @Override
    public void visitBinaryExpression(BinaryExpression binary) {
        if (Types.isAssignment(binary.getOperation().getType())) {
            assigned = binary.getLeftExpression();
        }
        super.visitBinaryExpression(binary);
    }

    @Override
    public void visitVariableExpression(VariableExpression variable) {
        Place here = stack.peek();
        if (here == null || here.words() == null || !(variable.getAccessedVariable() instanceof DynamicVariable)) {
            return;
        }
        Term term = here.words().terms().get(variable.getName());
        if (term != null && (variable == assigned || !term.property())) {
            words.bareWord(term, variable, variable == assigned);
        }
    }
}
