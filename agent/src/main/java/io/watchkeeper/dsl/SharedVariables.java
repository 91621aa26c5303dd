package io.watchkeeper.dsl;

import io.watchkeeper.dsl.BlockMap.Place;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.codehaus.groovy.ast.CodeVisitorSupport;
import org.codehaus.groovy.ast.Parameter;
import org.codehaus.groovy.ast.Variable;
import org.codehaus.groovy.ast.expr.BinaryExpression;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.DeclarationExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.PostfixExpression;
import org.codehaus.groovy.ast.expr.PrefixExpression;
import org.codehaus.groovy.ast.expr.TupleExpression;
import org.codehaus.groovy.ast.expr.VariableExpression;
import org.codehaus.groovy.syntax.Types;

/**
 * Refuses steps that change a variable declared outside of them: the file is loaded once and its steps run again and again, so
 * a run would find what the run before it left, and two runs at a time would meet in it.
 */
final class SharedVariables extends CodeVisitorSupport {

    private final CompileRequest request;
    private final BlockMap blocks;
    private final Set<Variable> outside = Collections.newSetFromMap(new IdentityHashMap<>());
    private boolean inCode;

    SharedVariables(CompileRequest request, BlockMap blocks) {
        this.request = request;
        this.blocks = blocks;
    }

    @Override
    public void visitClosureExpression(ClosureExpression closure) {
        Place place = blocks.placeOf(closure);
        boolean before = inCode;
        inCode = place.words() != null && place.words().holdsCode();
        if (!inCode && closure.getParameters() != null) {
            for (Parameter parameter : closure.getParameters()) {
                outside.add(parameter);
            }
        }
        super.visitClosureExpression(closure);
        inCode = before;
    }

    @Override
    public void visitDeclarationExpression(DeclarationExpression declaration) {
        if (!inCode) {
            addAll(declaration.getLeftExpression());
        }
        declaration.getRightExpression().visit(this);
    }

    private void addAll(Expression left) {
        if (left instanceof TupleExpression tuple) {
            tuple.getExpressions().forEach(this::addAll);
        } else if (left instanceof VariableExpression variable) {
            outside.add(variable);
        }
    }

    @Override
    public void visitBinaryExpression(BinaryExpression binary) {
        if (Types.isAssignment(binary.getOperation().getType())) {
            changed(binary.getLeftExpression());
        }
        super.visitBinaryExpression(binary);
    }

    @Override
    public void visitPostfixExpression(PostfixExpression expression) {
        changed(expression.getExpression());
        super.visitPostfixExpression(expression);
    }

    @Override
    public void visitPrefixExpression(PrefixExpression expression) {
        changed(expression.getExpression());
        super.visitPrefixExpression(expression);
    }

    private void changed(Expression target) {
        if (target instanceof TupleExpression tuple) {
            tuple.getExpressions().forEach(this::changed);
        } else if (inCode
                && target instanceof VariableExpression variable
                && variable.getAccessedVariable() != null
                && outside.contains(variable.getAccessedVariable())) {
            request.problem(
                    variable,
                    "a step cannot change '" + variable.getName() + "', which is declared outside of it",
                    "steps run many times; declare the variable in the step, or do both in one step.");
        }
    }
}
